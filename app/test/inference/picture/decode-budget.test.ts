import assert from "node:assert/strict";
import { DecodeBudget } from "../../../src/inference/picture/decode-budget";

describe("DecodeBudget", () => {
  async function startsOf(sizes: number[], finishes: number[]): Promise<number[]> {
    const budget = new DecodeBudget(100);
    const started: number[] = [];
    const finish: (() => void)[] = [];
    sizes.forEach((size, index) => {
      void budget.spend(size, () => {
        started.push(index);
        return new Promise<void>((resolve) => {
          finish[index] = resolve;
        });
      });
    });
    await new Promise(setImmediate);
    for (const index of finishes) {
      finish[index]?.();
      await new Promise(setImmediate);
    }
    return started;
  }

  it("runs in parallel what fits together", async () => {
    assert.deepEqual(await startsOf([40, 40, 20, 1], []), [0, 1, 2]);
  });

  it("starts the next ones in their order as room becomes free", async () => {
    assert.deepEqual(await startsOf([60, 60, 30], []), [0]);
    assert.deepEqual(await startsOf([60, 60, 30], [0]), [0, 1, 2]);
  });

  it("lets a picture that takes the whole budget run alone", async () => {
    assert.deepEqual(await startsOf([10, 100, 10], []), [0]);
    assert.deepEqual(await startsOf([10, 100, 10], [0]), [0, 1]);
    assert.deepEqual(await startsOf([10, 100, 10], [0, 1]), [0, 1, 2]);
  });

  it("frees the room of work that fails", async () => {
    const budget = new DecodeBudget(100);
    await assert.rejects(
      budget.spend(100, () => Promise.reject(new Error("no"))),
      /no/,
    );
    assert.equal(await budget.spend(100, async () => "next"), "next");
  });
});
