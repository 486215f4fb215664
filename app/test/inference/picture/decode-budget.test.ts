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

  describe("with a pace", () => {
    /** Each picture takes its time alone, one after the other. */
    class Decoders {
      private clock = 0;
      private readonly finish: (() => void)[] = [];
      readonly budget = new DecodeBudget(1e9, 4000, () => this.clock);
      begun = 0;

      begin(bytes: number, secondsOfModel = 0): Promise<string> {
        const work = () => {
          this.begun++;
          return new Promise<void>((resolve) => this.finish.push(resolve));
        };
        return this.budget.spend(bytes, work, secondsOfModel).then(
          () => "decoded",
          ({ code }) => code,
        );
      }

      async end(ms: number): Promise<void> {
        this.clock += ms;
        this.finish.shift()?.();
        await new Promise(setImmediate);
      }

      async idle(ms: number): Promise<void> {
        this.clock += ms;
      }

      /** How many of 40 pictures that arrive at once are let in. */
      async room(bytes: number, secondsOfModel = 0): Promise<number> {
        const before = this.begun;
        const answers = Array.from({ length: 40 }, () => this.begin(bytes, secondsOfModel));
        await new Promise(setImmediate);
        const begun = this.begun - before;
        for (let picture = 0; picture < begun; picture++) await this.end(0);
        await Promise.all(answers);
        return begun;
      }
    }
    const megabytes = 1e6;

    async function paced(bytes: number, ms: number): Promise<Decoders> {
      const decoders = new Decoders();
      for (let picture = 0; picture < 60; picture++) {
        const done = decoders.begin(bytes);
        await new Promise(setImmediate);
        await decoders.end(ms);
        assert.equal(await done, "decoded");
        await decoders.idle(1000);
      }
      return decoders;
    }

    it("lets in as many pictures as are decoded within 0.6 s", async () => {
      assert.equal(await (await paced(50 * megabytes, 110)).room(50 * megabytes), 5);
    });

    it("lets in fewer while inputs wait for the model", async () => {
      const decoders = await paced(50 * megabytes, 110);
      assert.equal(await decoders.room(50 * megabytes, 0.2), 3);
    });

    it("always lets in one picture", async () => {
      assert.equal(await (await paced(50 * megabytes, 3000)).room(50 * megabytes, 10), 1);
    });

    it("lets in more small pictures than large ones at the same pace", async () => {
      assert.equal(await (await paced(50 * megabytes, 100)).room(0.4 * megabytes), 40);
    });

    it("refuses the others as overloaded", async () => {
      const decoders = await paced(50 * megabytes, 1000);
      const first = decoders.begin(50 * megabytes);
      assert.equal(await decoders.begin(50 * megabytes), "overloaded");
      await decoders.end(1000);
      assert.equal(await first, "decoded");
    });
  });
});
