import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { agree } from "../../../../tools/acceptance/agree";
import { ask } from "../../../../tools/acceptance/ask";
import { begun, steps } from "../../../support/acceptance";

const terminal = () => ({
  input: Object.assign(new PassThrough(), { isTTY: true }),
  output: Object.assign(new PassThrough(), { isTTY: true }),
});

const ctrlC = "\x03";
const ctrlD = "\x04";

describe("a question of npm run acceptance", () => {
  const answers: readonly (readonly [string, boolean, boolean])[] = [
    ["y\n", true, true],
    ["Yes\n", true, true],
    ["n\n", false, false],
    ["NO\n", false, false],
    ["\n", true, false],
    [ctrlD, true, false],
  ];
  for (const [typed, ofYes, ofNo] of answers)
    it(`${JSON.stringify(typed)} is ${ofYes} for [Y/n] and ${ofNo} for [y/N]`, async () => {
      for (const [otherwise, expected] of [
        [true, ofYes],
        [false, ofNo],
      ] as const) {
        const one = terminal();
        one.input.write(typed);
        assert.equal(await ask("Well?", { otherwise }, one), expected);
        assert.match(String(one.output.read()), otherwise ? /Well\? \[Y\/n\]/ : /Well\? \[y\/N\]/);
      }
    });

  it("is answered by a terminal that closes or fails", async () => {
    for (const end of [
      (input: PassThrough) => input.end(),
      (input: PassThrough) => input.destroy(new Error("read EIO")),
    ]) {
      const one = terminal();
      const answer = ask("Well?", { otherwise: true }, one);
      end(one.input);
      assert.equal(await answer, true);
    }
  });

  it("stays open at Ctrl-C when somebody else ends the run", async () => {
    const one = terminal();
    let interrupts = 0;
    const answer = ask("Well?", { otherwise: true, interrupt: () => interrupts++ }, one);
    one.input.write(ctrlC);
    await sleep(10);
    one.input.write("n\n");
    assert.deepEqual([await answer, interrupts], [false, 1]);
  });

  it("cannot be asked without a terminal", async () =>
    assert.equal(
      await ask("Well?", { otherwise: true }, { input: new PassThrough(), output: new PassThrough() }),
      undefined,
    ));
});

describe("the first question of npm run acceptance", () => {
  const asked = { yes: false, resume: false };
  const offered = () => {
    let discarded = 0;
    return { progress: begun, steps, discard: () => void discarded++, discarded: () => discarded };
  };

  for (const [what, typed] of [
    ["no", "n\n"],
    ["Enter", "\n"],
    ["Ctrl-C", ctrlC],
    ["Ctrl-D", ctrlD],
  ] as const)
    it(`${what} creates nothing and leaves no file`, async () => {
      const [one, prepared] = [terminal(), offered()];
      one.input.write(typed);
      await assert.rejects(agree(asked, prepared, one), /Nothing was created/);
      assert.equal(prepared.discarded(), 1);
    });

  it("yes, --yes and --resume start the run with its file", async () => {
    const [one, prepared] = [terminal(), offered()];
    one.input.write("y\n");
    await agree(asked, prepared, one);
    await agree({ ...asked, yes: true }, prepared);
    await agree({ ...asked, resume: true }, prepared);
    assert.equal(prepared.discarded(), 0);
  });

  it("a run that costs more than --max-cost is refused and leaves no file", async () => {
    const prepared = offered();
    await assert.rejects(agree({ ...asked, yes: true, maxCostUsd: 1 }, prepared), /--max-cost is 1 USD/);
    assert.equal(prepared.discarded(), 1);
  });
});
