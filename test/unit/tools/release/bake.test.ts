import assert from "node:assert/strict";
import { bake, type Reading } from "../../../../tools/release/bake";

const fine: Reading = { variant: "next", firing: [], healthy: 3, requests: 400, errors: 2 };

/** A bake on a clock of its own. The reading may change with the seconds that have passed. */
async function baked(
  seconds: number,
  reading: (elapsed: number) => Partial<Reading>,
  { interruptAt = Number.POSITIVE_INFINITY, asleepAt = Number.POSITIVE_INFINITY } = {},
) {
  let elapsed = 0;
  const told: string[] = [];
  const interrupted = new AbortController();
  const reason = await bake({
    seconds,
    read: async () => [{ ...fine, ...reading(elapsed) }],
    limits: { replicas: () => 3, isAsleep: () => elapsed >= asleepAt, errorPercent: 5 },
    signal: interrupted.signal,
    tell: (text) => told.push(text),
    now: () => new Date(elapsed * 1000),
    wait: async (span) => {
      elapsed += span;
      if (elapsed >= interruptAt) interrupted.abort();
    },
  });
  return { reason, told, elapsed };
}

describe("release: bake", () => {
  it("watches for the whole time, and prints what it sees", async () => {
    const { reason, told, elapsed } = await baked(40, () => ({}));
    assert.deepEqual([reason, elapsed, told.length], [undefined, 40, 4]);
    assert.equal(told.at(-1), "40 s of 40: next has 3 healthy, no alarm, 400 requests, 0.5 % failed");
  });

  for (const [title, reading, expected, after] of [
    [
      "an alarm",
      (at: number) => (at >= 30 ? { firing: ["next-slow-1a2b"] } : {}),
      /^next: alarm next-slow-1a2b fires$/,
      30,
    ],
    ["no healthy replica", (at: number) => (at >= 15 ? { healthy: 0 } : {}), /^next: no replica is healthy$/, 15],
    ["too few for two minutes", () => ({ healthy: 2 }), /^next: 2 of at least 3 replicas healthy for 120 s$/, 120],
    ["failed requests", () => ({ errors: 21 }), /^next: 5\.3 % of 400 requests failed; expected at most 5 %$/, 0],
  ] as const) {
    it(`ends at once with the reason at ${title}`, async () => {
      const { reason, elapsed } = await baked(600, reading);
      assert.match(reason ?? "", expected);
      assert.equal(elapsed, after);
    });
  }

  it("a replica that is replaced within two minutes is no reason", async () => {
    const { reason } = await baked(300, (at) => ({ healthy: at >= 60 && at < 165 ? 2 : 3 }));
    assert.equal(reason, undefined);
  });

  it("of few requests it judges none", async () => {
    const { reason, told } = await baked(15, () => ({ requests: 19, errors: 19 }));
    assert.equal(reason, undefined);
    assert.match(told.at(-1) ?? "", /19 requests, too few to judge$/);
  });

  it("goes on after two readings that failed, and fails with the third", async () => {
    const failing = (share: number) => {
      let readings = 0;
      return baked(30, () => {
        if (++readings % share !== 0) throw new Error("Throttling");
        return {};
      });
    };
    assert.equal((await failing(3)).reason, undefined);
    await assert.rejects(
      failing(4),
      /^Error: the alarms, replicas and requests could not be read in 3 tries: Throttling$/,
    );
  });

  it("an interruption ends it", async () => {
    assert.equal((await baked(600, () => ({}), { interruptAt: 30 })).elapsed, 30);
  });

  it("a window with 0 replicas that opens ends it", async () => {
    const { reason, elapsed } = await baked(600, (at) => ({ healthy: at < 30 ? 3 : 0 }), { asleepAt: 30 });
    assert.equal(elapsed, 30);
    assert.equal(reason, "next: the schedule has 0 replicas now, so it cannot be watched");
  });
});
