import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { InferenceSession } from "onnxruntime-node";
import { garbage } from "../../src/garbage";
import { Session, type WorkerSetup } from "../../src/inference/worker";
import { ServerProcess } from "../support/server-process";
import { writeTabularModel } from "../support/tabular-model";

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

  it("has its inputs collected, which its own thread would let pile up", async () => {
    const counted: number[] = [];
    const brief = garbage.brief;
    garbage.brief = (bytes) => counted.push(bytes);
    try {
      const modelFile = `${writeTabularModel()}/model.onnx`;
      const session = await Session.open({ modelFile, threads: 1, maxBatch: 2, shape: [4] });
      await session.run([Float32Array.of(1, 1, 1, 1), Float32Array.of(2, 2, 2, 2)]);
    } finally {
      garbage.brief = brief;
    }
    assert.deepEqual(counted, [32]);
  });

  for (const [precision, largest] of [
    ["fp32", 2],
    ["int8", 4],
  ] as const) {
    it(`has run ${largest} inputs together, its largest batch, before it is ready (${precision})`, async () => {
      const folder = writeTabularModel({ model: `runs-only-${largest}` });
      const manifest = JSON.parse(readFileSync(`${folder}/manifest.json`, "utf8"));
      manifest.files.int8 = manifest.files.fp32;
      writeFileSync(`${folder}/manifest.json`, JSON.stringify(manifest));
      // The wide worker takes one input at a time, which this model refuses.
      const env = { MODEL_URI: folder, MODEL_PRECISION: precision, WIDE_THREADS: "0" };
      const server = await ServerProcess.ready(env);
      await server.stop();
    });
  }

  it("lives in worker threads only: the thread that answers HTTP never loads the runtime", () => {
    const script = `
      process.on("exit", () => console.log(Object.keys(require.cache).filter((file) => /onnxruntime/.test(file))));
      process.argv[2] = "an argument that ends it once everything is loaded";
      require("./dist/main.js");`;
    const { stdout } = spawnSync(process.execPath, ["-e", script], { cwd: `${__dirname}/../..`, encoding: "utf8" });
    const [refusal, loaded] = stdout.trim().split("\n");
    assert.match(refusal ?? "", /an argument that ends it/);
    assert.equal(loaded, "[]");
  });

  it("has exactly the threads that THREADS says, its worker's own among them", async function () {
    if (process.platform !== "linux") this.skip();
    const counts: number[] = [];
    for (const threads of ["1", "4"]) {
      const server = await ServerProcess.ready({ MODEL_URI: writeTabularModel(), WORKERS: "1", THREADS: threads });
      counts.push(readdirSync(`/proc/${server.child.pid}/task`).length);
      await server.stop();
    }
    const [alone = 0, four = 0] = counts;
    assert.equal(four - alone, 3);
  });
});
