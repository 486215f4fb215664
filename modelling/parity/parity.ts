import path from "node:path";
import { FatalError } from "../../app/src/fatal-error";
import { readImageManifest } from "../model-folder";
import { loadPictures } from "../photos";
import { logitsOf } from "./logits";

export interface Parity {
  file: string;
  fp32Class: number;
  int8Class: number;
  /** Of the two logit vectors; 1 when they point the same way. */
  cosine: number;
}

/** Runs both files of a model over the same photos. */
export async function measureParity(folder: string, photoFolder: string): Promise<Parity[]> {
  const manifest = await readImageManifest(folder);
  const { fp32, int8 } = manifest.files;
  if (int8 === undefined) throw new FatalError(`${folder} has no int8 file to compare; npm run quantise makes one`);
  const pictures = await loadPictures(photoFolder, manifest.image);
  const exact = await logitsOf(path.join(folder, fp32.file), pictures, manifest);
  const rounded = await logitsOf(path.join(folder, int8.file), pictures, manifest);
  return pictures.map(({ file }, index) => compare(file, exact[index] ?? [], rounded[index] ?? []));
}

export function compare(file: string, fp32: ArrayLike<number>, int8: ArrayLike<number>): Parity {
  return { file, fp32Class: largest(fp32), int8Class: largest(int8), cosine: cosine(fp32, int8) };
}

/** The differences of two model files, one line each; empty when the int8 file may replace the other. */
export function parityProblems(rows: Parity[], leastCosine: number): string[] {
  return rows.flatMap(({ file, fp32Class, int8Class, cosine: measured }) => [
    ...(fp32Class === int8Class ? [] : [`${file}: top-1 is class ${int8Class} in int8 and class ${fp32Class} in fp32`]),
    // A NaN must fail too.
    ...(measured >= leastCosine
      ? []
      : [`${file}: the cosine is ${measured.toFixed(5)}; expected at least ${leastCosine}`]),
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
