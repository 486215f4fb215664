import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { FatalError } from "../fatal-error";
import { type Manifest, type ModelFile, type Precision, type RunPrecision, readManifest } from "./manifest";
import { chooseFile, neededFiles, type Place, sha256Of } from "./model-files";

/** A model on this machine's disk, with all its files verified. */
export interface ModelSource {
  folder: string;
  manifest: Manifest;
  precision: Precision;
  file: ModelFile;
  /** Label i is that of class i. */
  labels?: string[];
}

/** What callers and metrics learn about the model. */
export interface ModelInfo {
  name: string;
  version: string;
  runtime: "onnxruntime" | "openvino";
  precision: RunPrecision;
  sha256: string;
}

/** `uri` is a folder, an .onnx file in one, or s3://bucket/ and either. */
export async function locateModel(uri: string, precision: RunPrecision | undefined): Promise<ModelSource> {
  const s3 = uri.startsWith("s3://");
  // The AWS SDK takes a noticeable part of a second to load; a model on disk does not need it.
  const place = s3 ? await (await import("./s3-model")).downloadModel(uri, precision) : await localPlace(uri);
  const manifest = await readManifest(place.folder);
  const chosen = chooseFile(uri, manifest, place.onnxFile, precision);
  for (const { file, sha256 } of neededFiles(manifest, chosen.file))
    await verify(path.join(place.folder, file), sha256);
  const labels = manifest.labels && (await readLines(path.join(place.folder, manifest.labels.file)));
  return { folder: place.folder, manifest, ...chosen, labels };
}

async function localPlace(uri: string): Promise<Place> {
  const found = await stat(uri).catch(() => undefined);
  if (!found) {
    throw new FatalError(`MODEL_URI is "${uri}"; expected a model folder, an .onnx file in one, or s3://bucket/prefix`);
  }
  if (found.isDirectory()) return { folder: uri };
  return { folder: path.dirname(uri), onnxFile: path.basename(uri) };
}

async function readLines(file: string): Promise<string[]> {
  return (await readFile(file, "utf8")).trimEnd().split(/\r?\n/);
}

async function verify(file: string, expected: string): Promise<void> {
  const actual = await sha256Of(file).catch((error: Error) => {
    throw new FatalError(`${file} cannot be read: ${error.message}`);
  });
  if (actual !== expected) {
    throw new FatalError(
      `${file} has sha256 ${actual}; its manifest states ${expected}: the file and the manifest do not belong together`,
    );
  }
}
