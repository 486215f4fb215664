import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { FatalError } from "../fatal-error";
import {
  filePrecision,
  type Manifest,
  type ModelFile,
  type Precision,
  precisions,
  type RunPrecision,
} from "./manifest";

/** Where a model's files are on this machine's disk. */
export interface Place {
  folder: string;
  /** Given when the URI names one .onnx file rather than a folder. */
  onnxFile?: string;
}

export function chooseFile(
  uri: string,
  manifest: Manifest,
  onnxFile: string | undefined,
  precision: RunPrecision | undefined,
): { precision: Precision; file: ModelFile } {
  const named = onnxFile
    ? precisions.find((one) => manifest.files[one]?.file === onnxFile)
    : filePrecision(precision ?? "fp32");
  const file = named && manifest.files[named];
  if (!named || !file) {
    const has = Object.entries(manifest.files).map(([one, { file: name }]) => `${one} (${name})`);
    throw new FatalError(
      `${onnxFile ?? `MODEL_PRECISION ${named}`} is not in the manifest of ${uri}; it has ${has.join(", ")}`,
    );
  }
  if (precision && filePrecision(precision) !== named) {
    throw new FatalError(
      `MODEL_PRECISION is ${precision}, but ${onnxFile} of ${uri} is the ${named} file; set only one of them`,
    );
  }
  return { precision: named, file };
}

export function neededFiles(manifest: Manifest, model: ModelFile): ModelFile[] {
  return manifest.labels ? [model, manifest.labels] : [model];
}

export async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest("hex");
}
