import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { constantArrivals } from "../../../../tools/load/arrivals";
import { load } from "../../../../tools/load/load";
import { measure } from "../../../../tools/load/measure";
import { RateSearch } from "../../../../tools/load/rate-search";
import { sender } from "../../../../tools/load/requests";
import { keeps, percentile, summary } from "../../../../tools/load/summary";
import { slowServer } from "../../../support/slow-server";

const well = (latencyMs: number) => ({ status: 200, latencyMs });

describe("constantArrivals", () => {
  it("sends without waiting for answers, and measures from the moment each request was due", async () => {
    const due: number[] = [];
    let release = () => {};
    const stalled = new Promise<void>((resolve) => {
      release = resolve;
    });
    const answers = constantArrivals({ perSecond: 500, seconds: 0.2 }, async (_, dueMs) => {
      due.push(dueMs);
      if (due.length === 100) release();
      await stalled;
      return well(performance.now() - dueMs);
    });
    const latencies = (await answers).map(({ latencyMs }) => latencyMs);
    assert.equal(latencies.length, 100);
    const gaps = due.slice(1).map((at, index) => at - (due[index] ?? 0));
    assert.ok(
      gaps.every((gap) => Math.abs(gap - 2) < 1e-6),
      "2 ms between any two",
    );
    // All answers come at the same moment, so the first request waited until the last was due.
    const [first = 0, last = 0] = [latencies[0], latencies.at(-1)];
    assert.ok(first - last > 100 && first - last < 198.1, `${first} and ${last}`);
  });

  it("begins later with an offset", async () => {
    const begin = performance.now();
    const due: number[] = [];
    await constantArrivals({ perSecond: 100, seconds: 0.02, offsetSeconds: 0.05 }, async (_, dueMs) => {
      due.push(dueMs);
      return well(0);
    });
    assert.equal(due.length, 2);
    assert.ok((due[0] ?? 0) >= begin + 50);
  });
});

describe("summary", () => {
  it("takes as percentile the smallest value that this share does not exceed", () => {
    const sorted = Array.from({ length: 200 }, (_, index) => index + 1);
    assert.deepEqual(
      [50, 90, 99, 100].map((percent) => percentile(sorted, percent)),
      [100, 180, 198, 200],
    );
    assert.equal(percentile([], 99), 0);
  });

  it("counts refused and lost requests by outcome, and leaves them out of the latencies", () => {
    const answers = [
      well(10),
      well(20),
      { status: 503, latencyMs: 1 },
      { status: 0, latencyMs: 30_000, cause: "ECONNRESET" },
    ];
    const { requests, errors, statuses, p99Ms, maxMs } = summary(answers);
    assert.deepEqual([requests, errors, p99Ms, maxMs], [4, 2, 20, 20]);
    assert.deepEqual(statuses, { "no answer (ECONNRESET)": 1, 200: 2, 503: 1 });
  });

  it("counts a redirect as an error: no model processed the photo", () =>
    assert.equal(summary([{ status: 302, latencyMs: 1 }, well(10)]).errors, 1));

  it("keeps the objective with one error in a thousand, not with two, and not without any answer", () => {
    const answers = (errors: number) =>
      Array.from({ length: 1000 }, (_, index) => (index < errors ? { status: 503, latencyMs: 1 } : well(90)));
    assert.deepEqual(
      [1, 2].map((errors) => keeps(summary(answers(errors)), 100)),
      [true, false],
    );
    assert.equal(keeps(summary(answers(0)), 89), false);
    assert.equal(keeps(summary([{ status: 503, latencyMs: 1 }]), 100), false);
  });
});

describe("RateSearch", () => {
  function searched(capacity: number, first = 5) {
    const search = new RateSearch(first);
    const tried: number[] = [];
    for (let rate = search.next; rate !== undefined; rate = search.next) {
      tried.push(rate);
      search.tell(rate, rate <= capacity);
    }
    return { found: search.found, tried };
  }

  for (const capacity of [0.7, 3, 5, 42, 99_000])
    it(`comes within a twentieth of ${capacity}, and never above it`, () => {
      const { found, tried } = searched(capacity);
      assert.ok(found <= capacity && found >= capacity * 0.94, `${found}`);
      assert.ok(tried.length < 25, `${tried.length} steps`);
    });

  it("finds 0 when every rate fails, and stops at its limit when every rate holds", () => {
    assert.equal(searched(0).found, 0);
    assert.ok(searched(Number.POSITIVE_INFINITY).found <= 100_000);
  });
});

describe("the measured latencies of a server with known latencies", () => {
  /** Nine of ten answers are fast, with different latencies; one of ten is slow. */
  const lateMs = 3_000;
  const delayMs = (index: number) => {
    const rank = (index * 37) % 100;
    return rank < 90 ? 20 + 2 * rank : lateMs;
  };

  it("are within 5 % of the server's own at the 99th percentile", async function () {
    this.timeout(60_000);
    // When the machine stalls, the client measures the stall and the server does not.
    this.retries(4);
    const took: number[] = [];
    let asked = 0;
    const server = createServer(async (_, response) => {
      const begin = performance.now();
      await sleep(delayMs(asked++));
      response.end("ok", () => took.push(performance.now() - begin));
    });
    // Otherwise the server closes an idle connection when a stalled client uses it again.
    server.keepAliveTimeout = 0;
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const requests = sender();
    try {
      const answers = await constantArrivals({ perSecond: 100, seconds: 4 }, (_, dueMs) =>
        requests.send({ url }, dueMs),
      );
      const { errors, p50Ms, p99Ms } = summary(answers);
      const known = percentile(
        took.sort((a, b) => a - b),
        99,
      );
      assert.equal(errors, 0);
      assert.ok(known >= lateMs, `the server's own p99 is ${known} ms`);
      assert.ok(Math.abs(p99Ms / known - 1) < 0.05, `${p99Ms} ms measured, ${known} ms taken`);
      assert.ok(p50Ms > 100 && p50Ms < 300, `half took at most 120 ms, ${p50Ms} ms measured`);
    } finally {
      await requests.close();
      server.close();
    }
  });

  it("are missing when the connection is refused", async () => {
    const requests = sender();
    const { status } = await requests.send({ url: new URL("http://127.0.0.1:1/") }, performance.now());
    await requests.close();
    assert.equal(status, 0);
  });
});

describe("two variants under load", () => {
  it("do not wait for each other, and the slow one answers fewer requests than it is sent", async function () {
    this.timeout(60_000);
    this.retries(2);
    let waiting = Promise.resolve();
    const server = createServer((request, response) => {
      request.resume();
      if (request.headers["x-variant"] === "quick") return response.end("ok");
      // One after the other, 20 ms each: at most fifty a second.
      waiting = waiting.then(() => sleep(20)).then(() => void response.end("ok"));
      return response;
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    server.keepAliveTimeout = 0;
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const lanes = ["quick", "slow"].map((name) => ({ name, headers: { "x-variant": name } }));
    const templates = [{ method: "POST", path: "/", body: { type: "image/png", bytes: Buffer.from("photo") } }];
    const [quick, slow] = await measure({ url, lanes, templates, perSecond: 100, seconds: 2 });
    server.close();
    const [fast, late] = [quick?.steps[0], slow?.steps[0]];
    assert.ok(fast && late);
    assert.deepEqual([fast.errors, late.errors, late.requests], [0, 0, 200]);
    assert.ok(late.answeredPerSecond < 55, `${late.answeredPerSecond} of fifty`);
    assert.ok(late.p99Ms > 1500, `${late.p99Ms}`);
    assert.ok(fast.p99Ms < late.p99Ms / 2, `${fast.p99Ms}`);
  });
});

describe("a load that is interrupted", () => {
  it("ends and counts what was sent", async () => {
    const { url, server } = await slowServer(0);
    const interrupted = new AbortController();
    setTimeout(() => interrupted.abort(), 500);
    const asked = { url, perSecond: 100, seconds: 3_600, headers: {}, request: { body: "{}" }, owned: false };
    const { lanes } = await load(asked, interrupted.signal);
    server.close();
    const [sent] = lanes.flatMap(({ steps }) => steps);
    assert.ok(sent && sent.requests > 0 && sent.errors === 0, JSON.stringify(sent));
  });
});

describe("the search on a server that still works on abandoned requests", () => {
  it("waits until the queue of the previous rate is gone", async function () {
    this.timeout(120_000);
    // A stalled machine looks like a slow server.
    this.retries(2);
    const workMs = 10;
    const patienceMs = 400;
    let freeAt = 0;
    // Like behind a load balancer: at most a hundred a second; a request that waits too long gets 504, and the server still does its work.
    const server = createServer(async (request, response) => {
      request.resume();
      freeAt = Math.max(freeAt, performance.now()) + workMs;
      const wait = freeAt - performance.now();
      await sleep(Math.min(wait, patienceMs));
      response.statusCode = wait > patienceMs ? 504 : 200;
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    server.keepAliveTimeout = 0;
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const templates = [{ method: "POST", path: "/", body: { type: "image/png", bytes: Buffer.from("photo") } }];
    const lanes = [{ name: "public", headers: {} }];
    const [result] = await measure({ url, lanes, templates, perSecond: 400, seconds: 1, p99LimitMs: patienceMs });
    server.close();
    // The first steps send 400 and 200 a second. The first leaves three seconds of work, more than all later steps take.
    assert.ok((result?.highestPerSecond ?? 0) >= 50, `${result?.highestPerSecond} of a hundred`);
  });
});
