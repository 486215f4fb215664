import type { Cpu } from "../cpu";
import { readImageManifest, readModelFile, writeManifest, writeModelFile } from "../model-folder";
import { decodeModel, encodeModel } from "../onnx/file";
import { floatsOf, inputOf, type Model } from "../onnx/model";
import { logitsOf } from "../parity/logits";
import { loadPictures } from "../photos";
import { calibrate } from "./calibrate";
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
  const bytes = await readModelFile(folder, manifest.files.fp32);
  const model = decodeModel(bytes);
  const pictures = await loadPictures(photoFolder, manifest.image);
  const observed = await calibrate(
    model,
    pictures.map(({ values }) => values),
    manifest.image.size,
  );
  const draft = encodeModel(quantise(model, observed, weightBits));
  const exact = await logitsOf(bytes, pictures, manifest);
  const shifts = meanDifferences(exact, await logitsOf(draft, pictures, manifest));
  const int8 = await writeModelFile(
    folder,
    `${manifest.name}-int8.onnx`,
    encodeModel(quantise(withShiftedLogits(model, shifts), observed, weightBits)),
  );
  await writeManifest(folder, { ...manifest, files: { ...manifest.files, int8 } });
  return int8.file;
}

/** Much of what rounding does to the logits it does to every picture's alike; that part the last bias can take back. */
function withShiftedLogits(model: Model, shifts: Float64Array): Model {
  const last = model.graph.nodes.at(-1);
  if (last === undefined) return model;
  const name = inputOf(last, 2);
  const { dims, data } = floatsOf(model.graph, name);
  const bias = { name, dims, data: data.map((value, index) => value + (shifts[index] ?? 0)) };
  return { ...model, graph: { ...model.graph, initializers: new Map(model.graph.initializers).set(name, bias) } };
}

function meanDifferences(exact: Float32Array[], rounded: Float32Array[]): Float64Array {
  const means = new Float64Array(exact[0]?.length ?? 0);
  for (const [picture, logits] of exact.entries()) {
    for (const [index, value] of logits.entries()) {
      means[index] = (means[index] ?? 0) + (value - (rounded[picture]?.[index] ?? 0)) / exact.length;
    }
  }
  return means;
}
