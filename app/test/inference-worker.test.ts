import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { InferenceSession } from "onnxruntime-node";
import { Session, type WorkerSetup } from "../src/inference-worker";
import { ServerProcess } from "./support/server-process";
import { writeTabularModel } from "./support/tabular-model";

describe("an inference session", () => {
  const { create } = InferenceSession;
  afterEach(() => {
    InferenceSession.create = create;
  });

  it("never spins, keeps only activations in its arena, and uses the threads it is given", async () => {
    const given: InferenceSession.SessionOptions[] = [];
    InferenceSession.create = ((file: string, options: InferenceSession.SessionOptions) => {
      given.push(options);
      return create(file, options);
    }) as typeof create;
    const setup: WorkerSetup = {
      modelFile: `${writeTabularModel()}/model.onnx`,
      threads: 3,
      maxBatch: 2,
      shape: [4],
    };
    const session = await Session.open(setup);
    assert.deepEqual(await session.run([Float32Array.of(1, 1, 1, 1)]), [Float32Array.of(4, 8, 12)]);
    const [options] = given;
    assert.equal(options?.intraOpNumThreads, 3);
    assert.equal(options?.interOpNumThreads, 1);
    assert.equal(options?.enableCpuMemArena, true);
    assert.equal(options?.enableMemPattern, false);
    assert.equal(options?.graphOptimizationLevel, "all");
    assert.deepEqual(options?.extra, {
      session: { intra_op: { allow_spinning: "0" }, use_device_allocator_for_initializers: "1" },
    });
  });

  it("has exactly the threads that THREADS says, its worker's own among them", async function () {
    if (process.platform !== "linux") this.skip();
    const counts: number[] = [];
    for (const threads of ["1", "4"]) {
      const server = await ServerProcess.ready({ MODEL_URI: writeTabularModel(), THREADS: threads });
      counts.push(readdirSync(`/proc/${server.child.pid}/task`).length);
      await server.stop();
    }
    const [alone = 0, four = 0] = counts;
    assert.equal(four - alone, 3);
  });
});
