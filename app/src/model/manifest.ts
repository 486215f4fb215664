import { readFile } from "node:fs/promises";
import path from "node:path";
import { FatalError } from "../fatal-error";

export const precisions = ["fp32", "int8"] as const;
export type Precision = (typeof precisions)[number];

/** In bf16 the fp32 file runs with its products in bfloat16. */
export const runPrecisions = [...precisions, "bf16"] as const;
export type RunPrecision = (typeof runPrecisions)[number];
export const filePrecision = (run: RunPrecision): Precision => (run === "bf16" ? "fp32" : run);

/** The function that turns outputs into confidences; "none" when the model applies it itself. */
export const activations = ["softmax", "sigmoid", "none"] as const;
export type Activation = (typeof activations)[number];

export interface ModelFile {
  file: string;
  sha256: string;
}

interface Framing {
  /** Side of the square the model takes, in pixels. */
  size: number;
  kernel: "linear" | "cubic";
  /** Of channel values from 0 to 1, red, green, blue, as torchvision states them. */
  mean: Rgb;
  std: Rgb;
}
type Rgb = [number, number, number];

/** torchvision's Resize(shorterSide) + CenterCrop(size), or TensorFlow's centre crop of a fraction, then a resize. */
export type ImageRule = Framing &
  ({ rule: "resize-then-crop"; shorterSide: number } | { rule: "crop-then-resize"; cropFraction: number });

interface Common {
  name: string;
  version: string;
  files: { fp32: ModelFile } & Partial<Record<Precision, ModelFile>>;
  /** One label a line; line 1 is class 0. */
  labels?: ModelFile;
  /** Needed only when the graph has several outputs; the first otherwise. */
  outputName?: string;
}

export type Manifest = Common &
  (
    | { input: "image"; labels: ModelFile; activation: Activation; image: ImageRule }
    | { input: "tensor"; features: number }
  );

export const manifestFileName = "manifest.json";

export async function readManifest(folder: string): Promise<Manifest> {
  const file = path.join(folder, manifestFileName);
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new FatalError(
      `${file}: ${error.code === "ENOENT" ? "there is no such file" : error.message}; a model is a folder with a ${manifestFileName} beside its .onnx file`,
    );
  });
  return parseManifest(text, file);
}

export function parseManifest(text: string, where: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new FatalError(`${where} is not JSON: ${(error as Error).message}`);
  }
  const problems = manifestProblems(value);
  if (problems.length > 0) throw new FatalError(`${where}: ${problems.join("; ")}`);
  return value as Manifest;
}

type Fields = Record<string, unknown>;
type Check = readonly [key: string, value: unknown, holds: (value: never) => boolean, expected: string];

function manifestProblems(value: unknown): string[] {
  if (!isFields(value)) return ["it is not a JSON object"];
  const files = isFields(value.files) ? value.files : {};
  const checks: Check[] = [
    ["name", value.name, isText, "a text that is not empty"],
    ["version", value.version, isText, "a text that is not empty"],
    ["input", value.input, oneOf(["image", "tensor"]), "image or tensor"],
    ["files.fp32", files.fp32, isFile, fileExpected],
    ["files.int8", files.int8, optional(isFile), fileExpected],
    ["labels", value.labels, value.input === "image" ? isFile : optional(isFile), fileExpected],
    ["outputName", value.outputName, optional(isText), "a text that is not empty"],
    ...(value.input === "image"
      ? [
          ["activation", value.activation, oneOf(activations), activations.join(", ")] as const,
          ...imageChecks(value.image),
        ]
      : []),
    ...(value.input === "tensor"
      ? [["features", value.features, isCount, "the number of values in one input"] as const]
      : []),
  ];
  return checks
    .filter(([, checked, holds]) => !holds(checked as never))
    .map(([key, checked, , expected]) => `${key} is ${JSON.stringify(checked) ?? "missing"}; expected ${expected}`);
}

function imageChecks(value: unknown): Check[] {
  const image = isFields(value) ? value : {};
  return [
    ["image.rule", image.rule, oneOf(["resize-then-crop", "crop-then-resize"]), "resize-then-crop or crop-then-resize"],
    ["image.size", image.size, isCount, "a number of pixels"],
    ["image.kernel", image.kernel, oneOf(["linear", "cubic"]), "linear or cubic"],
    ["image.mean", image.mean, isRgb, "three numbers"],
    ["image.std", image.std, (std: unknown) => isRgb(std) && !std.includes(0), "three numbers other than 0"],
    image.rule === "crop-then-resize"
      ? ["image.cropFraction", image.cropFraction, isFraction, "a number above 0 and at most 1"]
      : ["image.shorterSide", image.shorterSide, atLeast(image.size), "a number of pixels, at least image.size"],
  ];
}

const fileExpected = '{"file", "sha256"} with the name of a file in the folder and 64 hex digits';

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
const isCount = (value: unknown): value is number => Number.isInteger(value) && (value as number) > 0;
const isFraction = (value: unknown) => typeof value === "number" && value > 0 && value <= 1;
const isRgb = (value: unknown): value is Rgb =>
  Array.isArray(value) && value.length === 3 && value.every((channel) => Number.isFinite(channel));
const atLeast = (least: unknown) => (value: unknown) => isCount(value) && isCount(least) && value >= least;
const oneOf = (allowed: readonly string[]) => (value: unknown) => allowed.includes(value as string);
const optional = (holds: (value: unknown) => boolean) => (value: unknown) => value === undefined || holds(value);

// A name with a slash could reach outside the model's folder.
const isFile = (value: unknown) =>
  isFields(value) &&
  isText(value.file) &&
  path.basename(value.file) === value.file &&
  typeof value.sha256 === "string" &&
  /^[0-9a-f]{64}$/.test(value.sha256);
