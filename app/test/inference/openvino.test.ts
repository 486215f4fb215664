import assert from "node:assert/strict";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import { chooseBackend } from "../../src/inference/backends/choose-backend";
import { load, sharedBytes } from "../../src/inference/backends/openvino";
import type { InferencePool } from "../../src/inference/pool";
import { createModel, createPool, type Model } from "../../src/inference/served-model";
import type { WorkerSetup } from "../../src/inference/worker";
import { locateModel } from "../../src/model/model-source";
import { openvinoLibrary, skipWithoutLibrary } from "../support/openvino";
import { writeTabularModel } from "../support/tabular-model";

const workerFile = path.join(__dirname, "..", "..", "dist", "inference", "worker.js");
const amx = new Set(["amx_bf16", "amx_int8"]);

describe("OpenVINO", () => {
  let pool: InferencePool;
  let losses: string[];
  before(function () {
    skipWithoutLibrary(this, "openvino");
  });
  afterEach(() => pool?.close());

  /** A pool of three workers that has started. */
  async function start(folder: string, runtime: "auto" | "openvino"): Promise<Model> {
    losses = [];
    const source = await locateModel(folder, "bf16");
    const backend = chooseBackend({ runtime, precision: "bf16", openvinoLibrary }, source.precision, amx);
    const reports = {
      onPace: () => undefined,
      onBatch: () => undefined,
      onLoss: (reason: string) => losses.push(reason),
    };
    pool = createPool(source, backend, { workerFile, workers: 3, threads: 1, ...reports });
    await pool.start();
    return createModel(source, backend, pool, () => 0);
  }

  async function predict(model: Model): Promise<unknown> {
    assert.ok(model.input === "tensor");
    return model.predict([1, 2, 3, 4], new AbortController().signal);
  }

  it("leaves a model that it cannot run to onnxruntime, and says why", async () => {
    const model = await start(writeTabularModel({ model: "regressor" }), "auto");
    assert.deepEqual(await predict(model), [10, 20, 30]);
    assert.deepEqual([model.info.runtime, model.info.precision], ["onnxruntime", "fp32"]);
    assert.match(pool.openvinoRefusal ?? "", /LinearRegressor/);
  });

  it("fails to start with a model that it cannot run, where it must run it", async () => {
    await assert.rejects(start(writeTabularModel({ model: "regressor" }), "openvino"), /LinearRegressor/);
  });

  it("takes no memory for a run that it does not give back", async () => {
    const setup: WorkerSetup = { modelFile: `${writeTabularModel()}/model.onnx`, threads: 1, maxBatch: 2, shape: [4] };
    const shared = new SharedArrayBuffer(sharedBytes);
    const model = load(setup, { library: openvinoLibrary ?? "", isRequired: true, isBf16: false, workers: 1, shared });
    const runs = async () => {
      for (let count = 0; count < 20_000; count++) await model.run(1 + (count % 2));
    };
    await runs();
    const before = process.memoryUsage().rss;
    await runs();
    const grownMb = (process.memoryUsage().rss - before) / 1e6;
    assert.ok(grownMb < 5, `${grownMb.toFixed(1)} MB`);
  });

  it("takes the memory of a model once for all workers, and never again for those that replace a lost one", async function () {
    this.timeout(120_000);
    const model = await start(path.join(__dirname, "..", "..", "models", "efficientnet-lite0"), "openvino");
    assert.deepEqual([model.info.runtime, model.info.precision], ["openvino", "bf16"]);
    const blank = new Uint8Array(3 * 224 * 224);
    await pool.run(blank);
    const before = process.memoryUsage().rss;
    for (let loss = 1; loss <= 6; loss++) {
      for (const { worker } of membersOf(pool)) await worker.terminate();
      while (membersOf(pool).filter(({ ready }) => ready).length < 3) await sleep(20);
      assert.equal(losses.length, 3 * loss);
      await pool.run(blank);
    }
    const grownMb = (process.memoryUsage().rss - before) / 1e6;
    // The weights alone take 18.6 MB in fp32 and half of it in bf16, 18 times.
    assert.ok(grownMb < 120, `${grownMb.toFixed(0)} MB`);
  });
});

function membersOf(pool: InferencePool): { worker: Worker; ready: boolean }[] {
  return [...(pool as unknown as { members: Set<{ worker: Worker; ready: boolean }> }).members];
}
