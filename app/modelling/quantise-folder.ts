import { calibrate } from "./calibrate";
import type { Cpu } from "./cpu";
import { readImageManifest, readModelFile, writeManifest, writeModelFile } from "./model-folder";
import { decodeModel } from "./onnx-read";
import { encodeModel } from "./onnx-write";
import { loadPictures } from "./photos";
import { quantise, type WeightBits } from "./quantise";

/**
 * Without VNNI an x86 CPU adds pairs of 8-bit products in 16 bits: 2 x 255 x 127 overflows them and is cut off, silently,
 * while 2 x 255 x 64 fits. So weights keep 7 bits there, and the file must be made for the CPU that will run it.
 */
export function weightBitsFor(cpu: Cpu): WeightBits {
  return cpu.vnni ? 8 : 7;
}

/** Adds an int8 file to an image model's folder and its manifest, calibrated on a folder of photos. */
export async function quantiseFolder(folder: string, photoFolder: string, weightBits: WeightBits): Promise<string> {
  const manifest = await readImageManifest(folder);
  const model = decodeModel(await readModelFile(folder, manifest.files.fp32));
  const pictures = await loadPictures(photoFolder, manifest.image);
  const observed = await calibrate(
    model,
    pictures.map(({ values }) => values),
    manifest.image.size,
  );
  const bytes = encodeModel(quantise(model, observed, weightBits));
  const int8 = await writeModelFile(folder, `${manifest.name}-int8.onnx`, bytes);
  await writeManifest(folder, { ...manifest, files: { ...manifest.files, int8 } });
  return int8.file;
}
