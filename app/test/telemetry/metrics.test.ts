import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyInstance } from "fastify";
import type { Registry } from "prom-client";
import { errors } from "../../src/errors";
import { outcomes } from "../../src/telemetry/metrics";
import { FakeModel, listen, sample, serverOf } from "../support/fake-model";

describe("inference_requests_total", () => {
  let model: FakeModel;
  let app: FastifyInstance;
  let registry: Registry;
  beforeEach(() => {
    model = new FakeModel();
    ({ app, registry } = serverOf(model));
  });
  afterEach(() => app.close());

  async function counted(): Promise<Record<string, number | undefined>> {
    const counts: Record<string, number | undefined> = {};
    for (const outcome of outcomes) {
      counts[outcome] = await sample(registry, `inference_requests_total{outcome="${outcome}"}`);
    }
    return counts;
  }

  it("has every outcome from the start, or rate() would miss the first of its kind", async () => {
    assert.deepEqual(await counted(), { ok: 0, client_error: 0, overloaded: 0, unavailable: 0, failed: 0, gone: 0 });
  });

  it("counts how each request ended, and the latency of predictions only", async () => {
    const endings = [undefined, errors.notAnImage("it has no end"), errors.workerLost(), new Error("a bug")];
    const url = `http://127.0.0.1:${await listen(app)}/predict`;
    const ask = () => fetch(url, { method: "POST", headers: { "content-type": "image/jpeg" }, body: "x" });
    const asked = performance.now();
    for (const ending of [...endings, errors.timedOut()]) {
      model.answer = async () => {
        if (ending) throw ending;
        await sleep(50);
      };
      await ask();
    }
    model.ready = false;
    await ask();
    const expected = { ok: 1, client_error: 1, overloaded: 0, unavailable: 2, failed: 2, gone: 0 };
    // A request is counted when its answer is out, which its caller may see a moment earlier.
    const total = async () => Object.values(await counted()).reduce((sum: number, count) => sum + (count ?? 0), 0);
    while ((await total()) < 6) await new Promise(setImmediate);
    assert.deepEqual(await counted(), expected);
    assert.equal(await sample(registry, "inference_latency_seconds_count"), 1);
    const seconds = (await sample(registry, "inference_latency_seconds_sum")) ?? 0;
    // A timer may fire a millisecond early.
    assert.ok(seconds >= 0.048 && seconds <= (performance.now() - asked) / 1000, `${seconds} s`);
  });
});
