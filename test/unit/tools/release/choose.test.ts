import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { awsConnection } from "../../../../components/aws/connection";
import { choose } from "../../../../tools/release/choose";
import type { Entry } from "../../../../tools/release/journal";
import { type Goal, variantsOf } from "../../../../tools/release/plan";
import { passes } from "../../../../tools/release/rehearsal";
import { type Situation, unfinishedIn } from "../../../../tools/release/situation";
import { edited, hasValues, isAdded } from "../../../../tools/release/stack-file";
import { stackSettings } from "../../../../tools/stack/settings";
import { configIn } from "../../../../tools/stack/yaml-file";
import { temporaryFolder } from "../../../support/folder";

const image = (letter: string) => `ghcr.io/team/model@sha256:${letter.repeat(64)}`;
const [a, b] = [image("a"), image("b")];
const place = { file: "Pulumi.dev.yaml", project: "inference" };
const simple = `config:\n  aws:region: us-east-1\n  ingressCidrs: [203.0.113.0/24]\n  eks: {endpointCidrs: [203.0.113.0/24]}\n  image: ${a}\n`;
const folder = temporaryFolder("release-choose");

interface Given {
  readonly text?: string;
  /** Of the last complete update. */
  readonly target?: string;
  readonly state?: Situation["shares"]["state"];
  readonly live?: Situation["shares"]["live"];
  readonly history?: readonly Entry[];
  /** The image in the state. */
  readonly running?: string;
  readonly steps?: readonly number[];
}

const entry = (message: string, target = "ecs", variants: object = {}): Entry => ({
  kind: "update",
  startTime: "",
  result: "succeeded",
  message,
  config: {
    "inference:target": { value: target },
    "inference:image": { value: a },
    "inference:variants": { objectValue: variants },
    "inference:weights": { objectValue: { ecs: 50, eks: 50 } },
  },
});

function chosen(
  goal: Goal | "back",
  {
    text = simple,
    target = "ecs",
    state = { ecs: 100 },
    live = state,
    history = [entry("")],
    running = a,
    steps,
  }: Given = {},
) {
  const path = join(folder, "Pulumi.dev.yaml");
  writeFileSync(path, text);
  const settings = stackSettings("dev", {}, path);
  const declared = settings.model.variants;
  const file = Object.fromEntries(declared.map(({ name, weight }) => [name, weight]));
  const shares = { file, state, live };
  const { project } = place;
  const resources = [{ type: "inference:aws:Registry", urn: "", outputs: { image: running } }];
  const deployed = { resources, outputs: { target }, connection: awsConnection({}) };
  const targets = { file: settings.target, state: target };
  const unfinished = unfinishedIn({ history, project, declared, shares, targets });
  const situation = {
    stack: "dev",
    project,
    root: "inference",
    settings,
    declared,
    deployed,
    history,
    shares,
    unfinished,
  };
  const has = (edits: Parameters<typeof hasValues>[1]) => hasValues(text, edits, place);
  const added = (key: string) => isAdded(text, key, place);
  const restores = (plan: Parameters<typeof passes>[1]) => passes(text, plan, place);
  return choose(goal, steps, situation, { config: configIn(path), has, isAdded: added, restores });
}

const titles = ({ plan }: ReturnType<typeof chosen>) => plan.updates.map(({ title }) => title);
const begun = edited(simple, chosen({ image: b }).plan.updates[0]?.edits ?? [], place);
const half = edited(simple, chosen({ image: b }).plan.updates[3]?.edits ?? [], place);
const ended = simple.replace(a, b);
const during = [entry(`release ${b}: 50 % (4 of 6), by ann@laptop`, "variants"), entry("")];
const flipping = edited(simple, chosen({ target: "eks" }).plan.updates[0]?.edits ?? [], place);

describe("release: choose", () => {
  it("by default goes in four steps", () => {
    assert.deepEqual(titles(chosen({ image: b })), ["start", "5 %", "25 %", "50 %", "100 %", "end"]);
  });

  const both = `${simple}  target: both\n`;
  const variants = `${simple}  target: variants\n  variants:\n    blue: {target: ecs, weight: 100}\n    green: {target: ecs, weight: 0}\n`;
  const named = { target: "variants", state: { blue: 100, green: 0 } };
  const long = { text: variants.replace("blue", "experiment-12"), target: "variants", state: { "experiment-12": 100 } };
  for (const [title, goal, given, expected] of [
    ["the running image", { image: a }, {}, /--to is .*a{64}, which the stack runs/],
    [
      "an unknown variant",
      { variant: "greem" },
      { text: variants, ...named },
      /--to is greem; expected repository@sha256:.*, or one of blue, green/,
    ],
    [
      "a variant with all traffic",
      { variant: "blue" },
      { text: variants, ...named },
      /--to is blue, which has all traffic/,
    ],
    [
      "a name too long for two",
      { image: b },
      long,
      /would get experiment-12-next beside it; expected a name of at most 10/,
    ],
    ["the present target", { target: "ecs" }, {}, /--to-target is ecs: the stack runs there/],
    ["an unknown target", { target: "gke" }, {}, /--to-target is gke; expected ecs or eks/],
    [
      "a target of variants",
      { target: "eks" },
      { text: variants, ...named },
      /--to-target is for stacks without variants/,
    ],
    [
      "another live share",
      { image: b },
      { text: both, target: "both", state: { ecs: 50, eks: 50 }, live: { ecs: 90, eks: 10 } },
      /disagree[\s\S]*dev\.yaml {2}ecs 50 %, eks 50 %\n {2}last update {2}ecs 50 %, eks 50 %\n {2}load balancer {2}ecs 90 %, eks 10 %\n.*pulumi up/,
    ],
    ["a stack that serves nobody", { image: b }, { live: {} }, /Stack dev serves nobody yet/],
    [
      "no version before",
      "back",
      {},
      /newest updates in Pulumi's history have no update with another image\. Name the image: --to/,
    ],
    [
      "another image on an unfinished release",
      { image: image("c") },
      { text: begun },
      /unfinished release of .*b{64}\. Finish it with --to .*b{64}, or go back first: npm run release -- --stack dev --back/,
    ],
    [
      "a flip on an unfinished release",
      { target: "eks" },
      { text: half, state: { ecs: 50, "ecs-next": 50 }, history: during },
      /unfinished release of .*b{64}/,
    ],
    [
      "an image on an unfinished flip",
      { image: b },
      { text: flipping },
      /unfinished release of target eks\. Finish it with --to-target eks/,
    ],
    [
      "weights of a stranger in an unfinished release",
      { image: b },
      { text: begun, live: { ecs: 90, blue: 10 } },
      /The load balancer has blue, which the unfinished release does not know; expected ecs, ecs-next/,
    ],
  ] as const) {
    it(`refuses ${title}`, () => assert.throws(() => chosen(goal, given), expected));
  }

  for (const [title, goal, given, expected] of [
    ["killed in its first update", { image: b }, { text: begun }, ["start", "5 %", "25 %", "50 %", "100 %", "end"]],
    [
      "killed before half was live",
      { image: b },
      { text: half, state: { ecs: 75, "ecs-next": 25 }, history: during },
      ["25 %", "50 %", "100 %", "end"],
    ],
    [
      "killed at half",
      { image: b },
      { text: half, state: { ecs: 50, "ecs-next": 50 }, history: during },
      ["50 %", "100 %", "end"],
    ],
    ["killed in its last update", { image: b }, { text: ended, state: { "ecs-next": 100 }, history: during }, ["end"]],
    [
      "killed while it went back",
      { image: b },
      { state: { ecs: 50, "ecs-next": 50 }, history: during },
      ["50 %", "100 %", "end"],
    ],
    [
      "a flip killed in its first update",
      { target: "eks" },
      { text: flipping },
      ["start", "5 %", "25 %", "50 %", "100 %", "end"],
    ],
    [
      "a flip killed in its last update",
      { target: "eks" },
      {
        text: `${simple}  target: eks\n`,
        target: "variants",
        state: { eks: 100 },
        history: [entry("release target eks: 100 % (5 of 6), by ann@laptop", "variants")].concat(entry("")),
      },
      ["end"],
    ],
  ] as const) {
    it(`goes on with a release ${title}`, () => {
      const found = chosen(goal, given);
      assert.equal(found.resumes, true);
      assert.deepEqual(titles(found), expected);
      // Its previews may change what belongs to these.
      assert.deepEqual(variantsOf(found.plan), ["ecs", "target" in goal ? goal.target : "ecs-next"]);
      assert.equal(chosen("back", given).takesBack, true);
    });
  }

  describe("--back after a move", () => {
    const flipped = { text: `${simple}  target: eks\n`, target: "eks", state: { eks: 100 } };
    const moved = (to: string, ...older: Entry[]) => [
      entry(`released ${to}, before ${a}, by ann@laptop`, to.split(" ")[1]),
      entry(`release ${to}: 50 % (2 of 4), by ann@laptop`, "variants"),
      ...older,
    ];
    const onB = (one: Entry): Entry => ({ ...one, config: { ...one.config, "inference:image": { value: b } } });
    const newImage = entry(`released ${a}, before ${b}, by ann@laptop`);

    it("returns to the platform before", () => {
      const found = chosen("back", { ...flipped, history: moved("target eks", newImage, onB(entry(""))) });
      assert.deepEqual(titles(found), ["start", "100 %", "end"]);
      assert.deepEqual([found.plan.title, found.plan.target, found.takesBack], ["target ecs", "ecs", false]);
      assert.deepEqual(found.plan.updates.at(-1)?.shares, { ecs: 100 });
    });

    it("in the steps that were asked for", () => {
      const found = chosen("back", { ...flipped, history: moved("target eks", entry("")), steps: [50, 100] });
      assert.deepEqual(titles(found), ["start", "50 %", "100 %", "end"]);
    });

    it("returns to the image before, if the image changed after the move, or the move was undone by hand", () => {
      const since = [newImage, onB(entry("", "eks")), ...moved("target eks", onB(entry("")))];
      assert.equal(chosen("back", { ...flipped, history: since }).plan.title, b);
      const undone = [entry(""), ...moved("target eks", newImage, onB(entry("")))];
      assert.equal(chosen("back", { history: undone }).plan.title, b);
    });

    const declared = (blue: number, green: number) => ({
      blue: { target: "ecs", weight: blue },
      green: { target: "ecs", weight: green },
    });
    const onGreen = {
      text: `${simple}  target: variants\n  variants: {blue: {target: ecs, weight: 0}, green: {target: ecs, weight: 100}}\n`,
      target: "variants",
      state: { blue: 0, green: 100 },
    };
    const toGreen = (blue: number) => [
      entry(`released variant green, before ${a}, by ann@laptop`, "variants", declared(0, 100)),
      entry("", "variants", declared(blue, 100 - blue)),
    ];

    it("returns to the platform before, also when every image was built", () => {
      const built = (one: Entry): Entry => ({
        ...one,
        config: { ...one.config, "inference:image": { value: "build" } },
      });
      const history = moved("target eks", entry("")).map(built);
      const text = flipped.text.replace(/ {2}image: .*\n/, "");
      assert.equal(chosen("back", { ...flipped, text, history }).plan.title, "target ecs");
    });

    it("leaves the target out again if the move had added its line", () => {
      const [newest, ...older] = moved("target eks", entry(""));
      const added = { ...entry(""), ...newest, message: `${newest?.message}, added the line target` };
      const first = (text: string) =>
        text.replace("  target: eks\n", "").replace("config:\n", "config:\n  target: eks\n");
      for (const [title, text, history, value] of [
        ["added", first(flipped.text), [added, ...older], undefined],
        ["there before", first(flipped.text), moved("target eks", entry("")), "ecs"],
        ["moved since", flipped.text, [added, ...older], "ecs"],
        ["with a comment", first(flipped.text).replace("eks\n", "eks # mine\n"), [added, ...older], "ecs"],
      ] as const) {
        const { plan } = chosen("back", { ...flipped, text, history });
        assert.deepEqual(plan.updates.at(-1)?.edits[0], { key: "target", value }, title);
      }
    });

    it("a second one returns to the platform left", () => {
      const back = [entry(`released target ecs, before ${a}, by ann@laptop`), ...moved("target eks", entry(""))];
      assert.equal(chosen("back", { history: back }).plan.title, "target eks");
    });

    it("returns to the variant before", () => {
      const { plan } = chosen("back", { ...onGreen, history: toGreen(100) });
      assert.deepEqual(
        plan.updates.map(({ title }) => title),
        ["start", "100 %", "end"],
      );
      assert.deepEqual([plan.title, plan.updates.at(-1)?.shares], ["variant blue", { blue: 100, green: 0 }]);
    });

    it("refuses to return to several", () => {
      assert.throws(
        () => chosen("back", { ...onGreen, history: toGreen(60) }),
        /stack dev was variant green, from target variants with blue 60 %, green 40 %; --back returns .* Write target and weights into Pulumi\.dev\.yaml, then pulumi up --stack dev$/,
      );
    });
  });

  describe("--back to the image before", () => {
    const onB = (message: string): Entry => {
      const { config, ...rest } = entry(message);
      return { ...rest, config: { ...config, "inference:image": { value: b } } };
    };
    const history = [onB(`released ${b}, before ${a}, by ann@laptop`), entry("")];

    it("killed in its only update, goes on to the same image, and the next one returns to the newer", () => {
      assert.equal(chosen("back", { text: simple, history }).plan.title, a);
      const ended = [entry(`released ${a}, before ${b}, by ann@laptop`), ...history];
      assert.equal(chosen("back", { text: simple, history: ended }).plan.title, b);
    });

    it("after an update by hand to a third image failed, returns to the last one that was complete", () => {
      const third = simple.replace(a, image("c"));
      assert.equal(chosen("back", { text: third, running: image("c"), history }).plan.title, b);
    });

    it("is refused where the variants ran several", () => {
      const both = (blue: string, green: string) => ({
        blue: { target: "ecs", weight: 50, image: blue },
        green: { target: "ecs", weight: 50, image: green },
      });
      const text = `${simple}  target: variants\n  variants: ${JSON.stringify(both(b, b))}\n`;
      const given = { text, target: "variants", state: { blue: 50, green: 50 } };
      const from = (blue: string, green: string) =>
        chosen("back", {
          ...given,
          history: [entry("", "variants", both(b, b)), entry("", "variants", both(blue, green))],
        });
      assert.equal(from(a, a).plan.title, a);
      assert.throws(
        () => from(a, image("c")),
        /^Error: Stack dev ran several images before: blue .*a{64}, green .*c{64}\. Write them into Pulumi\.dev\.yaml, then pulumi up --stack dev$/,
      );
    });
  });

  it("a weight that the file leaves out has its default", () => {
    const text = `${simple}  target: both\n  weights: {ecs: 50}\n`;
    const { plan } = chosen({ variant: "eks" }, { text, target: "both", state: { ecs: 50, eks: 50 } });
    assert.deepEqual(plan.from, { ecs: 50, eks: 50 });
    assert.deepEqual(plan.gainers, ["eks"]);
  });

  it("a release to a variant begins in the history, and one that was killed in its first step goes on", () => {
    const declared = { blue: { target: "ecs", weight: 100 }, green: { target: "ecs", weight: 0 } };
    const begun = entry("release variant green: start (1 of 6), by ann@laptop", "variants", declared);
    const moved = variants.replace("weight: 100", "weight: 95").replace("weight: 0", "weight: 5");
    for (const live of [named.state, { blue: 95, green: 5 }]) {
      const given = { ...named, text: moved, live, history: [begun, entry("", "variants", declared)] };
      const found = chosen({ variant: "green" }, given);
      assert.deepEqual([found.resumes, titles(found)], [true, ["5 %", "25 %", "50 %", "100 %", "end"]]);
      assert.equal(edited(moved, chosen("back", given).plan.back, place), variants);
    }
    assert.equal(titles(chosen({ variant: "green" }, { text: variants, ...named }))[0], "start");
  });

  const own = `${simple}  target: variants\n  variants:\n    blue: {target: ecs, weight: 100}\n    blue-next: {target: ecs, weight: 0, image: ${b}}\n`;
  const ownKeys = { blue: { target: "ecs", weight: 100 }, "blue-next": { target: "ecs", weight: 0, image: b } };
  const byHand = [entry("", "variants", ownKeys)];
  const ownGiven = { text: own, target: "variants", state: { blue: 100, "blue-next": 0 }, history: byHand };

  it("a user's variant whose name ends like that of a release is no unfinished release", () => {
    const found = chosen({ variant: "blue-next" }, ownGiven);
    assert.deepEqual([found.resumes, found.takesBack], [false, false]);
    const alone = own.replaceAll("blue", "x").replace("x:", "blue:").replace("x-", "green-");
    assert.equal(
      chosen({ image: image("c") }, { ...ownGiven, text: alone, state: { blue: 100, "green-next": 0 } }).resumes,
      false,
    );
    const step = entry("release variant blue-next: 5 % (1 of 5), by ann@laptop", "variants", ownKeys);
    assert.equal(chosen("back", { ...ownGiven, history: [step, ...byHand] }).takesBack, true);
  });

  it("an update by hand to variants of such names ends a release that was left", () => {
    assert.equal(chosen({ variant: "blue-next" }, { ...ownGiven, history: [...byHand, ...during] }).resumes, false);
  });

  it("refuses a release that would add a variant of a name that is taken", () => {
    const expected =
      /would add blue-next beside blue, but Pulumi\.dev\.yaml declares blue-next\. Rename or remove it, or .*--to <variant>/;
    assert.throws(() => chosen({ image: image("c") }, ownGiven), expected);
    const older = entry(`released ${a}, before ${image("c")}, by ann@laptop`, "variants", ownKeys);
    assert.throws(() => chosen("back", { ...ownGiven, history: [...byHand, older], steps: [100] }), expected);
  });

  it("an unfinished release goes back to the file of before", () => {
    for (const text of [begun, half, ended]) {
      const { plan } = chosen("back", { text, state: { ecs: 50, "ecs-next": 50 }, history: during });
      assert.equal(edited(text, plan.back, place), simple);
    }
  });

  it("an unfinished release keeps a key of the file that has the default", () => {
    const explicit = `${simple}  target: ecs # for now\n`;
    const [first] = chosen({ target: "eks" }, { text: explicit }).plan.updates;
    const text = edited(explicit, first?.edits ?? [], place);
    assert.equal(edited(text, chosen("back", { text }).plan.back, place), explicit);
    const [, last] = chosen({ target: "eks" }, { text: flipping, steps: [100] }).plan.updates.slice(-2);
    const flipped = edited(flipping, last?.edits ?? [], place);
    const history = [entry("release target eks: 100 % (2 of 3), by ann@laptop", "variants"), entry("")];
    const given = { text: flipped, target: "variants", state: { eks: 100 }, history };
    assert.equal(edited(flipped, chosen("back", given).plan.back, place), simple);
  });
});
