import assert from "node:assert/strict";
import { type Before, planned } from "../../../../tools/release/plan";
import { rehearse } from "../../../../tools/release/rehearsal";

const image = (letter: string) => `ghcr.io/team/model@sha256:${letter.repeat(64)}`;
const place = { file: "Pulumi.prod.yaml", project: "inference" };

const rehearsed = (text: string) => {
  const before: Before = {
    base: { image: image("a"), target: "ecs", variants: {} },
    target: "ecs",
    variants: [{ name: "ecs", target: "ecs", weight: 100 }],
  };
  rehearse(text, planned({ image: image("b") }, before, [50, 100], { ecs: 100 }), place);
};

describe("release: rehearsal", () => {
  for (const [title, text] of [
    ["in lines, with comments", `config:\n  # where\n  target: ecs # for now\n  image: ${image("a")} # model 7\n`],
    ["with quotes", `config:\n  "target": 'ecs'\n  'image': "${image("a")}"\n`],
    ["without an end of the last line", `config:\n  target: ecs\n  image: ${image("a")}`],
    ["with the line ends of Windows", `config:\r\n  target: ecs\r\n  image: ${image("a")}\r\n`],
    ["with a tab before a value", `config:\n  target:\tecs\n  image: ${image("a")}\t# model 7\n`],
  ] as const)
    it(`takes a file ${title}`, () => rehearsed(text));

  it("refuses a value that would come back in another form, with its line", () => {
    assert.throws(
      () => rehearsed(`config:\n  target: ecs\n  image: >-\n    ${image("a")}\n`),
      /^Error: Pulumi\.prod\.yaml: a release that goes back would not restore the line "image: >-"\. Write it as the Pulumi CLI does/,
    );
  });

  it("refuses what only the last update would change", () => {
    assert.throws(
      () => rehearsed(`config:\n  target: ecs\n  image: [${image("a")}]\n`),
      /^Error: Pulumi\.prod\.yaml: /,
    );
  });
});
