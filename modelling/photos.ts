import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { FatalError } from "../app/src/fatal-error";
import { channelTables, normalise } from "../app/src/inference/picture/normalise";
import { decodeImage } from "../app/src/inference/picture/preprocess";
import type { ImageRule } from "../app/src/model/manifest";

export interface Picture {
  file: string;
  /** What the model takes: three planes, normalised. */
  values: Float32Array;
}

export const bundledPhotos = path.join(__dirname, "..", "app", "photos");

/** Every picture of a folder, prepared as the server prepares it. */
export async function loadPictures(folder: string, rule: ImageRule): Promise<Picture[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    throw new FatalError(`the photo folder ${folder} cannot be read: ${error.code ?? error.message}`);
  });
  const files = names.filter((name) => /\.(jpe?g|png|webp)$/i.test(name)).sort();
  if (files.length === 0) throw new FatalError(`${folder} holds no picture; expected .jpg, .png or .webp files`);
  const tables = channelTables(rule);
  const pictures: Picture[] = [];
  for (const file of files) {
    const values = new Float32Array(3 * rule.size * rule.size);
    normalise(await decodeImage(await readFile(path.join(folder, file)), rule), tables, values);
    pictures.push({ file, values });
  }
  return pictures;
}
