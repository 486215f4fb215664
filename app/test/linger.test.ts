import assert from "node:assert/strict";
import { untilQuiet } from "../src/linger";

describe("untilQuiet", () => {
  /** The second at which it ends, when requests arrive at these. */
  async function endOf(leastSeconds: number, arrivals: number[]): Promise<number> {
    let now = 0;
    const last = () => Math.max(Number.NEGATIVE_INFINITY, ...arrivals.filter((at) => at <= now));
    const wait = async (seconds: number) => {
      now += seconds;
    };
    await untilQuiet({ leastSeconds, mostSeconds: 45 }, last, () => now, wait);
    return now;
  }

  it("does not wait without LINGER_SECONDS", async () => {
    assert.equal(await endOf(0, [0]), 0);
  });

  it("waits its least time although nothing arrives", async () => {
    assert.equal(await endOf(35, []), 35);
    assert.equal(await endOf(35, [1, 20]), 35);
  });

  it("waits on until 5 s without an arrival, and no longer than its most time", async () => {
    assert.equal(await endOf(35, [34]), 39);
    assert.equal(
      await endOf(
        35,
        Array.from({ length: 100 }, (_, second) => second),
      ),
      45,
    );
  });
});
