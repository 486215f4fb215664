import assert from "node:assert/strict";
import { askedRelease } from "../../../../tools/release/arguments";

const image = `ghcr.io/team/model@sha256:${"b".repeat(64)}`;

describe("release: arguments", () => {
  it("reads goal, steps and bake", () => {
    const asked = askedRelease(["--stack", "prod", "--to", image, "--steps", "10, 100", "--bake", "90s", "--yes"]);
    const expected = { stack: "prod", goal: { image }, steps: [10, 100], bakeSeconds: 90, dryRun: false, yes: true };
    assert.deepEqual(asked, expected);
  });

  for (const [args, goal] of [
    [["--to", "green"], { variant: "green" }],
    [["--to-target", "eks"], { target: "eks" }],
    [["--back"], "back"],
    [["--status"], "status"],
  ] as const) {
    it(`${args.join(" ")} has no steps of its own and a bake of five minutes`, () => {
      const asked = askedRelease(["--stack", "prod", ...args]);
      assert.deepEqual([asked?.goal, asked?.steps, asked?.bakeSeconds], [goal, undefined, 300]);
    });
  }

  for (const [args, expected] of [
    [["--to", image], /^Error: --stack is missing/],
    [["--stack", "prod"], /^Error: Expected one of --to, --to-target, --back and --status/],
    [["--stack", "prod", "--back", "--to", image], /^Error: Expected one of --to/],
    [
      ["--stack", "prod", "--to", "team/model:7"],
      /--to is team\/model:7; expected repository@sha256.*npm run pin -- team\/model:7$/,
    ],
    ...["5,25,25,100", "25,5,100", "5,25", "0,100", "5,,100", "5.5,100", "5,101", "x"].map(
      (steps) =>
        [
          ["--stack", "prod", "--to", image, "--steps", steps],
          /--steps is .*; expected whole percents that rise/,
        ] as const,
    ),
    ...["5", "m", "-1m", "1d"].map(
      (bake) =>
        [["--stack", "prod", "--to", image, `--bake=${bake}`], /--bake is .*; expected a time such as 90s/] as const,
    ),
  ] as const) {
    it(`refuses ${args.join(" ").replace(image, "an image")}`, () => {
      assert.throws(() => askedRelease([...args]), expected);
    });
  }
});
