import assert from "node:assert/strict";
import {
  type Entry,
  isSuperseded,
  messages,
  previousImage,
  unfinishedRelease,
} from "../../../../tools/release/journal";

const image = (letter: string) => `ghcr.io/team/model@sha256:${letter.repeat(64)}`;

interface Declared {
  readonly target?: string;
  readonly image?: string;
  readonly variants?: object;
  readonly result?: string;
}

function entry(
  message: string,
  { target = "ecs", image: of = image("a"), variants = {}, result = "succeeded" }: Declared = {},
): Entry {
  const config = { "p:target": { value: target }, "p:image": { value: of }, "p:variants": { objectValue: variants } };
  return { kind: "update", startTime: "2026-11-30T05:00:00Z", message, result, config };
}

const step = (to: string, what: string, declared: Declared = {}) =>
  entry(messages.step(to, what, "ann@laptop"), { target: "variants", ...declared });
const done = (to: string, before: string, declared: Declared = {}) =>
  entry(messages.done(to, before, "ann@laptop"), { image: to, ...declared });
const back = (to: string, declared: Declared = {}) => entry(messages.back(to, "ann@laptop"), declared);

describe("release: journal", () => {
  const [a, b] = [image("a"), image("b")];
  for (const [title, history, expected] of [
    ["no release", [entry("")], undefined],
    ["one step", [step(b, "start"), entry("")], { to: b, target: "ecs" }],
    [
      "an update by hand between its steps",
      [entry("", { target: "variants" }), step(b, "5 %"), step(b, "start"), entry("")],
      { to: b, target: "ecs" },
    ],
    [
      "a last update that failed",
      [done(b, a, { result: "failed" }), step(b, "5 %"), entry("")],
      { to: b, target: "ecs" },
    ],
    ["a way back that failed", [back(b, { result: "failed" }), step(b, "5 %"), entry("")], { to: b, target: "ecs" }],
    ["an ended one", [done(b, a), step(b, "5 %"), entry("")], undefined],
    ["one that went back", [back(b), step(b, "5 %"), entry("")], undefined],
    [
      "a flip after an ended release",
      [step("target eks", "5 %"), done(b, a, { target: "ecs" }), step(b, "5 %")],
      { to: "target eks", target: "ecs" },
    ],
    [
      "a failed update before it",
      [step(b, "5 %"), entry("", { target: "eks", result: "failed" }), entry("")],
      { to: b, target: "ecs" },
    ],
  ] as const) {
    it(`unfinished: ${title}`, () => {
      const found = unfinishedRelease(history, "p");
      assert.deepEqual(found && { to: found.to, target: found.base?.target }, expected);
    });
  }

  it("an update by hand to other shares supersedes a release, a repeated one does not", () => {
    const own = step("variant green", "25 %", { variants: { green: { weight: 25 } } });
    const repeated = { ...own, message: "" };
    const changed = entry("", { target: "variants", variants: { green: { weight: 0 } } });
    assert.deepEqual([isSuperseded([repeated, own], "p"), isSuperseded([changed, own], "p")], [false, true]);
  });

  for (const [title, history, expected] of [
    ["of a release", [done(b, a), step(b, "5 %"), entry("")], a],
    ["of an update by hand", [entry("", { image: b }), entry("", { image: a })], a],
    [
      "passes over updates with the same image",
      [entry("", { image: b }), entry("", { image: b }), entry("", { image: a })],
      a,
    ],
    [
      "passes over a failed update",
      [entry("", { image: b }), entry("", { image: image("c"), result: "failed" }), entry("")],
      a,
    ],
    [
      "passes over a release that went back",
      [back(image("c"), { image: b }), step(image("c"), "5 %", { image: b }), entry("", { image: a })],
      a,
    ],
    [
      "passes over one that had ended and went back",
      [back(image("c"), { image: b }), done(image("c"), b), step(image("c"), "5 %", { image: b }), entry("")],
      a,
    ],
    [
      "of a release before one that went back half-way",
      [back(image("c"), { image: b }), step(image("c"), "5 %", { image: b }), done(b, image("c")), done(image("c"), a)],
      image("c"),
    ],
    [
      "that was built, from the message of the release",
      [done(b, a), step(b, "5 %", { image: "build" }), entry("", { image: "build" })],
      a,
    ],
    ["that was built by an update by hand", [entry("", { image: b }), entry("", { image: "build" })], "build"],
    ["without another image", [entry("", { image: b })], undefined],
  ] as const) {
    it(`the image before: ${title}`, () => {
      assert.equal(previousImage(history, { project: "p", variant: "ecs", running: b })?.image, expected);
    });
  }

  it("the image before, of a variant with its own", () => {
    const blue = (of: string) => ({ variants: { blue: { target: "ecs", weight: 100, image: of } } });
    const history = [entry("", { image: image("c"), ...blue(b) }), entry("", { image: image("c"), ...blue(a) })];
    assert.equal(previousImage(history, { project: "p", variant: "blue", running: b })?.image, a);
  });
});
