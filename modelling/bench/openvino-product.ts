import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { load, sharedBytes } from "../../app/src/inference/backends/openvino";
import { encodeModel } from "../onnx/file";
import { floats, productOfOneInput, side } from "./product-model";

/** Multiplies in bf16, in the library that the server calls. */
export function openvinoProduct(library: string, threads: number): () => Promise<unknown> {
  const folder = mkdtempSync(path.join(tmpdir(), "product-"));
  try {
    const modelFile = path.join(folder, "product.onnx");
    writeFileSync(modelFile, encodeModel(productOfOneInput()));
    const openvino = {
      library,
      isRequired: true,
      isBf16: true,
      workers: 1,
      shared: new SharedArrayBuffer(sharedBytes),
    };
    const model = load({ modelFile, threads, maxBatch: 1, shape: [side, side] }, openvino);
    model.batch.set(floats());
    return () => model.run(1);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
