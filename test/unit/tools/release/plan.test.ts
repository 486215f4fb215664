import assert from "node:assert/strict";
import { type Before, inPlace, planned, recorded } from "../../../../tools/release/plan";
import { edited, withoutMarks } from "../../../../tools/release/stack-file";

const image = (letter: string) => `ghcr.io/team/model@sha256:${letter.repeat(64)}`;
const [old, next] = [image("a"), image("b")];
const place = { file: "Pulumi.prod.yaml", project: "inference" };
const one: Before = {
  base: { image: old, variants: {} },
  target: "ecs",
  variants: [{ name: "ecs", target: "ecs", weight: 100 }],
};
const both: Before = {
  base: { target: "both", image: old, variants: {}, weights: { ecs: 80, eks: 20 } },
  target: "both",
  variants: [
    { name: "ecs", target: "ecs", weight: 80 },
    { name: "eks", target: "eks", weight: 20 },
  ],
};
const named: Before = {
  base: {
    target: "variants",
    variants: { blue: { target: "ecs", weight: 100, image: old }, green: { target: "eks", weight: 0 } },
  },
  target: "variants",
  variants: [
    { name: "blue", target: "ecs", weight: 100, image: old },
    { name: "green", target: "eks", weight: 0 },
  ],
};

const files: readonly (readonly [string, Before, string])[] = [
  ["one variant", one, `# Prod\nconfig:\n  cpu: 512 # small\n  image: ${old}\n`],
  [
    "both",
    both,
    `config:\n  target: both\n  weights: {ecs: 80, eks: 20} # mostly Fargate\n  image: ${old} # model 7\n`,
  ],
  [
    "variants",
    named,
    `config:\n  target: variants\n  variants:\n    # serves\n    blue:\n      target: ecs\n      weight: 100\n      image: ${old}\n    green: {target: eks, weight: 0}\n`,
  ],
];

describe("release: plan", () => {
  it("an image gets the traffic in steps, beside the present one, and ends as the stack's only image", () => {
    const { updates, gainers, from } = planned({ image: next }, one, [5, 100], { ecs: 100 });
    assert.deepEqual(
      updates.map(({ kind, title, shares }) => [kind, title, shares]),
      [
        ["start", "start", { ecs: 100, "ecs-next": 0 }],
        ["shift", "5 %", { ecs: 95, "ecs-next": 5 }],
        ["shift", "100 %", { ecs: 0, "ecs-next": 100 }],
        ["end", "end", { ecs: 100 }],
      ],
    );
    assert.deepEqual([gainers, from], [["ecs-next"], { ecs: 100 }]);
  });

  it("on two platforms each has its new version, with its own part", () => {
    const { updates } = planned({ image: next }, both, [25, 100], { ecs: 80, eks: 20 });
    assert.deepEqual(updates[1]?.shares, { ecs: 60, eks: 15, "ecs-next": 20, "eks-next": 5 });
    assert.deepEqual(updates.at(-1)?.shares, { ecs: 80, eks: 20 });
  });

  it("a flip adds the other platform, and ends as one target", () => {
    const { updates } = planned({ target: "eks" }, one, [50, 100], { ecs: 100 });
    assert.deepEqual(
      updates.map(({ title, shares }) => [title, shares]),
      [
        ["start", { ecs: 100, eks: 0 }],
        ["50 %", { ecs: 50, eks: 50 }],
        ["100 %", { ecs: 0, eks: 100 }],
        ["end", { eks: 100 }],
      ],
    );
    assert.deepEqual(updates.at(-1)?.edits, [{ key: "target", value: "eks" }, { key: "variants" }]);
  });

  it("both moves to one of its sides through its weights", () => {
    const { updates } = planned({ variant: "eks" }, both, [5, 50, 100], { ecs: 80, eks: 20 });
    assert.deepEqual(
      updates.map(({ edits }) => edits),
      [
        [{ key: "weights", value: { ecs: 50, eks: 50 } }],
        [{ key: "weights", value: { ecs: 0, eks: 100 } }],
        [{ key: "weights", value: { ecs: 0, eks: 100 } }],
      ],
    );
  });

  for (const [live, expected] of [
    [{ ecs: 100, "ecs-next": 0 }, ["start", "5 %", "50 %", "100 %", "end"]],
    [{ ecs: 95, "ecs-next": 5 }, ["5 %", "50 %", "100 %", "end"]],
    [{ ecs: 50, "ecs-next": 50 }, ["50 %", "100 %", "end"]],
    [{ "ecs-next": 100 }, ["100 %", "end"]],
  ] as const) {
    it(`goes on at ${JSON.stringify(live)} with ${expected[0]}`, () => {
      const { updates } = planned({ image: next }, one, [5, 50, 100], live);
      assert.deepEqual(
        updates.map(({ title }) => title),
        expected,
      );
    });
  }

  it("a move from both to one platform has the weights of before, at its end and if it goes back", () => {
    for (const text of [
      "config:\n  target: both # for now\n  weights: {ecs: 80, eks: 20}\n",
      "config:\n  target: both # for now\n",
    ]) {
      const weights = /weights/.test(text) ? both.base.weights : undefined;
      const before = { ...both, base: { ...both.base, weights } };
      const { updates, back } = recorded(planned({ target: "eks" }, before, [50, 100], { ecs: 80, eks: 20 }));
      assert.deepEqual(
        updates.map(({ kind, shares }) => [kind, shares]),
        [
          ["start", { ecs: 80, eks: 20 }],
          ["shift", { ecs: 50, eks: 50 }],
          ["shift", { ecs: 0, eks: 100 }],
          ["end", { eks: 100 }],
        ],
      );
      const texts: string[] = [];
      for (const { edits } of updates) texts.push(edited(texts.at(-1) ?? text, edits, place));
      for (const during of texts) assert.equal(edited(during, back, place), text);
      assert.equal(withoutMarks(texts.at(-1) ?? ""), text.replace("both", "eks"));
    }
  });

  it("every release begins with an update that the history records", () => {
    const titlesOf = (plan: ReturnType<typeof planned>) => recorded(plan).updates.map(({ title }) => title);
    const toGreen = planned({ variant: "green" }, named, [50, 100], { blue: 100, green: 0 });
    assert.deepEqual(titlesOf(toGreen), ["start", "50 %", "100 %", "end"]);
    const [start] = recorded(toGreen).updates;
    assert.deepEqual([start?.edits, start?.shares], [[], { blue: 100, green: 0 }]);
    const toNext = planned({ image: next }, one, [100], { ecs: 100 });
    assert.deepEqual(titlesOf(toNext), ["start", "100 %", "end"]);
  });

  it("a target whose line was left out has none at the end", () => {
    const { updates } = planned({ target: "eks", isLeftOut: true }, one, [100], { ecs: 100 });
    assert.deepEqual(updates.at(-1)?.edits, [{ key: "target", value: undefined }, { key: "variants" }]);
  });

  for (const [title, before, text] of files) {
    const { updates, back } = planned({ image: next }, before, [5, 100], {});
    const texts: string[] = [];
    for (const { edits } of updates) texts.push(edited(texts.at(-1) ?? text, edits, place));
    it(`${title}: back from every step the file has every byte of before`, () => {
      for (const during of texts.slice(0, -1)) assert.equal(edited(during, back, place), text);
    });
    it(`${title}: at the end the file differs from before in the image alone`, () => {
      assert.equal(texts.at(-1), text.replace(old, next));
    });
    it(`${title}: in place, too`, () => {
      assert.equal(edited(text, inPlace(next, before).updates[0]?.edits ?? [], place), text.replace(old, next));
    });
  }
});
