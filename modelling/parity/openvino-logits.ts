import { load, sharedBytes } from "../../app/src/inference/backends/openvino";
import type { Picture } from "../photos";
import type { Named } from "./logits";

/** The logits of a model file for each picture, as the server's OpenVINO computes them. */
export async function openvinoLogitsOf(
  library: string,
  modelFile: string,
  isBf16: boolean,
  pictures: Picture[],
  { image, outputName }: Named,
): Promise<Float32Array[]> {
  const setup = { modelFile, threads: 1, maxBatch: 1, shape: [3, image.size, image.size], outputName };
  const shared = new SharedArrayBuffer(sharedBytes);
  const model = load(setup, { library, isRequired: true, isBf16, workers: 1, shared });
  const logits: Float32Array[] = [];
  for (const { values } of pictures) {
    model.batch.set(values);
    logits.push(Float32Array.from((await model.run(1)) as Float32Array));
  }
  return logits;
}
