import path from "node:path";
import { FatalError } from "../../app/src/fatal-error";
import { readImageManifest } from "../model-folder";
import { loadPictures } from "../photos";
import { logitsOf } from "./logits";
import { openvinoLogitsOf } from "./openvino-logits";

/** What is compared with the fp32 file in onnxruntime. */
export type Variant = "int8" | "int8 in OpenVINO" | "bf16 in OpenVINO";

export interface Parity {
  variant: Variant;
  file: string;
  fp32Class: number;
  ownClass: number;
  /** Of the two logit vectors; 1 when they point the same way. */
  cosine: number;
}

/** Runs a model's files over the same photos; in OpenVINO too when its library is given. */
export async function measureParity(folder: string, photoFolder: string, library?: string): Promise<Parity[]> {
  const manifest = await readImageManifest(folder);
  const { fp32, int8 } = manifest.files;
  if (int8 === undefined) throw new FatalError(`${folder} has no int8 file to compare; npm run quantise makes one`);
  const pictures = await loadPictures(photoFolder, manifest.image);
  const [fp32File, int8File] = [path.join(folder, fp32.file), path.join(folder, int8.file)];
  const exact = await logitsOf(fp32File, pictures, manifest);
  const rows = (variant: Variant, logits: Float32Array[]) =>
    pictures.map(({ file }, index) => compare(variant, file, exact[index] ?? [], logits[index] ?? []));
  const inOnnxruntime = rows("int8", await logitsOf(int8File, pictures, manifest));
  if (library === undefined) return inOnnxruntime;
  return [
    ...inOnnxruntime,
    ...rows("int8 in OpenVINO", await openvinoLogitsOf(library, int8File, false, pictures, manifest)),
    ...rows("bf16 in OpenVINO", await openvinoLogitsOf(library, fp32File, true, pictures, manifest)),
  ];
}

export function compare(variant: Variant, file: string, fp32: ArrayLike<number>, own: ArrayLike<number>): Parity {
  return { variant, file, fp32Class: largest(fp32), ownClass: largest(own), cosine: cosine(fp32, own) };
}

/** The differences, one line each; empty when each variant may replace fp32. */
export function parityProblems(rows: Parity[], leastCosine: number): string[] {
  return rows.flatMap(({ variant, file, fp32Class, ownClass, cosine: measured }) => [
    ...(fp32Class === ownClass
      ? []
      : [`${file}: top-1 is class ${ownClass} in ${variant} and class ${fp32Class} in fp32`]),
    // A NaN must fail too.
    ...(measured >= leastCosine
      ? []
      : [`${file}: the cosine of ${variant} is ${measured.toFixed(5)}; expected at least ${leastCosine}`]),
  ]);
}

function largest(values: ArrayLike<number>): number {
  let best = 0;
  for (let index = 1; index < values.length; index++) if ((values[index] ?? 0) > (values[best] ?? 0)) best = index;
  return best;
}

function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [dot, aa, bb] = [0, 0, 0];
  for (let index = 0; index < a.length; index++) {
    const [x, y] = [a[index] ?? 0, b[index] ?? 0];
    dot += x * y;
    aa += x * x;
    bb += y * y;
  }
  return dot / Math.sqrt(aa * bb);
}
