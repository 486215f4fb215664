import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import type { Backend } from "../../src/inference/backends/choose-backend";
import type { InferencePool } from "../../src/inference/pool";
import { createModel, createPool, type Model } from "../../src/inference/served-model";
import { locateModel } from "../../src/model/model-source";
import { writeTabularModel } from "../support/tabular-model";

const app = path.join(__dirname, "..", "..");
const backend: Backend = { runtime: "onnxruntime", precision: "fp32" };
const cat = readFileSync(path.join(app, "photos", "chelsea.png"));

describe("work that nobody waits for any longer", () => {
  let pool: InferencePool;
  afterEach(() => pool.close());

  /** Its pool never starts, so that whatever reaches it stays in the queue. */
  async function modelAt(folder: string): Promise<Model> {
    const source = await locateModel(folder, "fp32");
    const ignored = () => undefined;
    const reports = { onPace: ignored, onBatch: ignored, onLoss: ignored };
    pool = createPool(source, backend, { workerFile: "never-started.js", workers: 1, threads: 1, ...reports });
    return createModel(source, backend, pool, () => 0);
  }

  /** Aborts once the input is queued. */
  function goneFromTheQueue(): AbortSignal {
    const caller = new AbortController();
    const { run } = pool;
    pool.run = (input, abandoned) => {
      setImmediate(() => caller.abort());
      return run.call(pool, input, abandoned);
    };
    return caller.signal;
  }

  it("is not decoded", async () => {
    const model = await modelAt(path.join(app, "models", "efficientnet-lite0"));
    assert.ok(model.input === "image");
    const cutShort = cat.subarray(0, cat.length / 2);
    await assert.rejects(model.classify(cutShort, 1, new AbortController().signal), { code: "not_an_image" });
    await assert.rejects(model.classify(cutShort, 1, AbortSignal.abort()), { code: "gone" });
  });

  it("leaves the queue, be it a picture", async () => {
    const model = await modelAt(path.join(app, "models", "efficientnet-lite0"));
    assert.ok(model.input === "image");
    await assert.rejects(model.classify(cat, 1, goneFromTheQueue()), { code: "gone" });
  });

  it("leaves the queue, be it numbers", async () => {
    const model = await modelAt(writeTabularModel());
    assert.ok(model.input === "tensor");
    await assert.rejects(model.predict([1, 2, 3, 4], goneFromTheQueue()), { code: "gone" });
  });
});
