import { InferenceSession, Tensor } from "../../app/src/inference/runtime";
import type { ImageManifest } from "../model-folder";
import type { Picture } from "../photos";

export type Named = Pick<ImageManifest, "image" | "outputName">;

/** The logits of a model file, given by path or bytes, for each picture. */
export async function logitsOf(model: string | Buffer, pictures: Picture[], named: Named): Promise<Float32Array[]> {
  const session = await (typeof model === "string" ? InferenceSession.create(model) : InferenceSession.create(model));
  const input = session.inputNames[0] ?? "";
  const output = named.outputName ?? session.outputNames[0] ?? "";
  const side = named.image.size;
  const logits: Float32Array[] = [];
  for (const { values } of pictures) {
    const results = await session.run({ [input]: new Tensor("float32", values, [1, 3, side, side]) }, [output]);
    logits.push(Float32Array.from(results[output]?.data as Float32Array));
  }
  await session.release();
  return logits;
}
