import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { FatalError } from "../app/src/fatal-error";
import {
  type ImageRule,
  type Manifest,
  type ModelFile,
  manifestFileName,
  readManifest,
} from "../app/src/model/manifest";

export type ImageManifest = Manifest & { input: "image"; image: ImageRule };

export async function readImageManifest(folder: string): Promise<ImageManifest> {
  const manifest = await readManifest(folder);
  if (manifest.input !== "image") {
    throw new FatalError(`the model in ${folder} takes ${manifest.input} input; expected one that takes images`);
  }
  return manifest;
}

export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  await writeFile(path.join(folder, manifestFileName), `${JSON.stringify(manifest, null, 2)}\n`);
}

export async function writeModelFile(folder: string, file: string, bytes: Uint8Array): Promise<ModelFile> {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, file), bytes);
  return { file, sha256: createHash("sha256").update(bytes).digest("hex") };
}

export function readModelFile(folder: string, { file }: ModelFile): Promise<Buffer> {
  return readFile(path.join(folder, file));
}
