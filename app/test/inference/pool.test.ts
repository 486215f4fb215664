import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { RequestError } from "../../src/errors";
import { FatalError } from "../../src/fatal-error";
import { InferencePool } from "../../src/inference/pool";
import { temporaryFolder } from "../support/folder";

const [exits, throws, hangs, fails, late, threads] = [1000, 1001, 1002, 1003, 1004, 1005];

describe("InferencePool", () => {
  let pool: InferencePool;
  let batches: number[];
  let waits: number[];
  let paces: number[];
  let losses: string[];

  function create(workers = 1, modelFile = "model.onnx", wideThreads?: number): InferencePool {
    batches = [];
    waits = [];
    paces = [];
    losses = [];
    pool = new InferencePool({
      workerFile: path.join(__dirname, "..", "support", "fault-worker.js"),
      workers,
      wideThreads,
      setup: { modelFile, threads: 1, maxBatch: 4, shape: [1] },
      onPace: (secondsEach) => paces.push(secondsEach),
      onBatch: (size, seconds) => {
        batches.push(size);
        waits.push(...seconds);
      },
      onLoss: (reason) => losses.push(reason),
    });
    return pool;
  }
  const ask = (value: number) => pool.run(Float32Array.of(value));
  const codeOf = (promise: Promise<unknown>) =>
    promise.then(
      () => "ok",
      (error: RequestError) => `${error.statusCode} ${error.code}`,
    );
  /** Timers keep their order on a machine that stalls, so what a clock would call late may be only that. */
  const within5s = (answer: Promise<string>) => Promise.race([answer, sleep(5_000, "no answer within 5 s")]);
  afterEach(() => pool.close());

  it("is ready once its workers are, and not before", async () => {
    create(2);
    assert.equal(pool.ready, false);
    await pool.start();
    assert.equal(pool.ready, true);
  });

  it("gives each caller the answer to its own input", async () => {
    await create(2).start();
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => ask(index)));
    assert.deepEqual(
      answers,
      Array.from({ length: 20 }, (_, index) => [index]),
    );
  });

  it("runs a lone input at once, and takes together what has piled up meanwhile", async () => {
    await create().start();
    await Promise.all([1, 2, 3, 4, 5, 6].map(ask));
    assert.deepEqual(batches, [1, 4, 1]);
    assert.equal(waits.length, 6);
    assert.ok(waits[0] !== undefined && waits[5] !== undefined && waits[0] < waits[5]);
  });

  it("has as many workers as it is told to, and each takes what comes", async () => {
    await create(3).start();
    await Promise.all([1, 2, 3, 4, 5].map(ask));
    assert.deepEqual(batches, [1, 1, 1, 2]);
  });

  it("gives an input that is alone to the wide worker, and others to the narrow ones", async () => {
    await create(2, "model.onnx", 3).start();
    assert.deepEqual(await ask(threads), [3]);
    assert.deepEqual(await Promise.all([ask(threads), ask(threads), ask(threads)]), [[3], [1], [1]]);
    assert.deepEqual(await ask(threads), [3]);
  });

  it("replaces a wide worker by a wide one, which takes everything while there is no other", async () => {
    await create(1, "slow to load", 3).start();
    assert.equal(await codeOf(ask(exits)), "500 worker_lost");
    assert.deepEqual(await ask(threads), [1]);
    await sleep(800);
    const [first, second] = [ask(threads), codeOf(ask(exits))];
    assert.deepEqual(await first, [3]);
    assert.equal(await second, "500 worker_lost");
    assert.deepEqual(await Promise.all([ask(threads), ask(threads)]), [[3], [3]]);
  });

  it("reports the pace of a wide worker as that of the whole CPU share", async () => {
    await create(2, "model.onnx", 2).start();
    await ask(7);
    const [pace = 0] = paces;
    assert.ok(pace > 0.018, `${pace} s: half of what the run took`);
  });

  for (const [workers, inputs, batched] of [
    [2, 1, [1]],
    [1, 5, [1, 4]],
  ] as const) {
    it(`reports the pace: what each of ${inputs} took of the time of ${workers} workers`, async () => {
      await create(workers).start();
      const started = performance.now();
      await Promise.all(Array.from({ length: inputs }, (_, index) => ask(index)));
      const elapsedSeconds = (performance.now() - started) / 1000;
      assert.deepEqual(batches, batched);
      assert.equal(paces.length, batches.length);
      const busySeconds = paces.reduce((sum, pace, index) => sum + pace * workers * (batched[index] ?? 0), 0);
      assert.ok(busySeconds > 0 && busySeconds <= elapsedSeconds, `${busySeconds} s of ${elapsedSeconds} s`);
    });
  }

  for (const [what, value, reason] of [
    ["exits", exits, "exit code 3"],
    ["throws", throws, "a bug"],
  ] as const) {
    it(`replaces a worker that ${what}, and answers its request with 500`, async () => {
      await create().start();
      assert.equal(await codeOf(ask(value)), "500 worker_lost");
      assert.deepEqual(losses, [reason]);
      assert.deepEqual(await ask(7), [7]);
    });
  }

  it("is not steady once its workers keep crashing, or its runs all fail", async () => {
    await create().start();
    for (let loss = 0; loss < 3; loss++) {
      assert.equal(pool.isSteady, true);
      assert.equal(await codeOf(ask(exits)), "500 worker_lost");
    }
    assert.equal(pool.isSteady, false);
    await pool.close();
    await create().start();
    for (let failure = 0; failure < 3; failure++) await assert.rejects(ask(fails));
    assert.equal(pool.isSteady, false);
    assert.deepEqual(await ask(1), [1]);
    assert.equal(pool.isSteady, true);
  });

  it("answers within 5 s when a worker hangs, replaces it, and serves the waiting requests", async () => {
    await create().start();
    const hung = within5s(codeOf(ask(hangs)));
    // Late enough for the one that replaces it to have three seconds for its start.
    await sleep(2_500);
    const waiting = ask(8);
    assert.equal(await hung, "500 worker_lost");
    assert.deepEqual(await waiting, [8]);
    assert.deepEqual(losses, ["no answer within 4 s"]);
  }).timeout(15_000);

  it("answers with another worker while one hangs", async () => {
    await create(2).start();
    const hung = codeOf(ask(hangs));
    assert.deepEqual(await Promise.race([ask(8), hung]), [8]);
    assert.equal(await hung, "500 worker_lost");
  }).timeout(15_000);

  it("reports the pace of the remaining workers while another loads", async () => {
    await create(2, "slow to load").start();
    assert.equal(await codeOf(ask(exits)), "500 worker_lost");
    await ask(7);
    const [pace = 0] = paces.slice(-1);
    assert.ok(pace > 0.018, `${pace} s: half of what the one that is left took`);
  });

  it("waits for a worker that is only late: terminating it in a call of onnxruntime would abort the process", async () => {
    const folder = temporaryFolder("late-worker");
    const trace = path.join(folder, "trace");
    await create(1, trace).start();
    assert.equal(await codeOf(ask(late)), "500 worker_lost");
    const written = () => readFile(trace, "utf8").catch(() => "");
    for (const end = Date.now() + 15_000; Date.now() < end && (await written()) === ""; ) await sleep(50);
    assert.equal(await written(), "it came out by itself");
  }).timeout(20_000);

  it("answers 503 within 5 s when no worker becomes free", async () => {
    create();
    assert.equal(await within5s(codeOf(ask(1))), "503 timed_out");
  }).timeout(10_000);

  it("does not run an input whose caller hung up, unless a worker already has it", async () => {
    await create().start();
    const [first, second] = [new AbortController(), new AbortController()];
    const handed = pool.run(Float32Array.of(1), first.signal);
    const queued = codeOf(pool.run(Float32Array.of(2), second.signal));
    first.abort();
    second.abort();
    assert.equal(await queued, "499 gone");
    assert.equal(await codeOf(pool.run(Float32Array.of(3), AbortSignal.abort())), "499 gone");
    assert.deepEqual(await handed, [1]);
    assert.deepEqual(await ask(4), [4]);
    assert.deepEqual(batches, [1, 1]);
  });

  it("keeps the worker when only the run failed", async () => {
    await create().start();
    await assert.rejects(ask(fails), /the run failed/);
    assert.deepEqual(await ask(9), [9]);
    assert.deepEqual(losses, []);
  });

  for (const [what, model, reason] of [
    ["which model does not run", "unloadable", "bad model"],
    ["that a model runs once and not twice", "fits once", "no room"],
  ] as const) {
    it(`says ${what}, instead of trying for ever`, async () => {
      create(2, model);
      await assert.rejects(pool.start(), (error) => {
        assert.ok(error instanceof FatalError);
        assert.equal(error.message, `${model} does not run: ${reason}`);
        return true;
      });
    });
  }
});
