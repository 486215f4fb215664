import assert from "node:assert/strict";
import { changedLines, edited, isAdded, refuseUneditable, withoutMarks } from "../../../../tools/release/stack-file";

const place = { file: "Pulumi.prod.yaml", project: "inference" };
const two = { ecs: { target: "ecs", weight: 95 }, "ecs-next": { target: "ecs", weight: 5, image: "a@b" } };
const begin = [
  { key: "target", value: "variants" },
  { key: "variants", value: two },
];

describe("release: the stack file", () => {
  for (const [title, before] of [
    [
      "without the keys",
      "# Prod\nconfig:\n  # Where\n  aws:region: us-east-1 # here\n  replicas: {min: 1,   max: 2}\n",
    ],
    ["with a target", "config:\n  cpu: 512\n  target: ecs # for now\n  # last\n"],
    ["with the line ends of Windows", "# Prod\r\nconfig:\r\n  cpu: 512 # small\r\n  memory: 1024\r\n"],
    ["as the CLI writes it", "config:\n    aws:region: us-east-1\n    inference:target: ecs\nencryptionsalt: v1:abc\n"],
  ] as const) {
    it(`${title}, has every byte of before after a release that went back`, () => {
      const target = /target: ecs/.test(before) ? "ecs" : undefined;
      const during = edited(before, begin, place);
      assert.equal(/(?<!\r)\n/.test(during), !before.includes("\r\n"), "every line ends as before");
      assert.match(during, /ecs-next: \{ target: ecs, weight: 5, image: a@b \}/);
      const later = edited(during, [{ key: "variants", value: { ...two, ecs: { target: "ecs", weight: 50 } } }], place);
      assert.deepEqual(changedLines(during, later).length, 2);
      assert.equal(edited(later, [{ key: "target", value: target }, { key: "variants" }], place), before);
    });
  }

  it("a key that the file left out is marked until the release ends", () => {
    const text = "config:\n  target: ecs # mine\n";
    const edits = [{ key: "image", value: "a@b" }, ...begin];
    const during = edited(text, edits, place);
    assert.match(during, /\n {2}image: a@b # added by npm run release\n/);
    assert.match(during, /\n {2}target: variants # mine\n/);
    assert.deepEqual([isAdded(during, "image", place), isAdded(during, "target", place)], [true, false]);
    const named = during.replaceAll(/^ {2}(?=image)/gm, "  inference:");
    assert.equal(isAdded(named, "image", place), true);
    assert.equal(edited(during, edits, place), during);
    assert.doesNotMatch(withoutMarks(during), /added by/);
    assert.equal(edited(during, [{ key: "image" }, { key: "variants" }, { key: "target", value: "ecs" }], place), text);
  });

  it("a variant comes to those of the file, and goes, in lines and in braces", () => {
    const blue = { target: "ecs", weight: 100 };
    const value = { blue, "blue-next": { target: "ecs", weight: 0, image: "a@b" } };
    for (const before of [
      "config:\n  target: variants\n  variants:\n    # The usual one\n    blue:\n      target: ecs # Fargate\n      weight: 100\n  cpu: 512\n",
      "config:\n  target: variants\n  variants: {blue: {target: ecs, weight: 100}} # two in a release\n",
      "config:\n  target: variants\n  variants:\n    blue: {target: ecs, weight: 100} # blue\n",
    ]) {
      const during = edited(before, [{ key: "variants", value }], place);
      assert.notEqual(during, before);
      assert.equal(edited(during, [{ key: "variants", value: { blue } }], place), before);
    }
  });

  it("keeps quotes of texts and keys, and the spaces of braces", () => {
    for (const before of [
      'config:\n  "target": "ecs" # for now\n',
      "\"config\":\n  'target': 'ecs'\n  cpu: 512",
      "# config:\nencryptionsalt: v1:abc\nconfig: # of prod\n  target: ecs\n",
    ]) {
      const during = edited(before, begin, place);
      assert.match(during, /target['"]?: (['"]?)variants\1/);
      assert.equal(edited(during, [{ key: "target", value: "ecs" }, { key: "variants" }], place), before);
    }
    const braces = "config:\n  variants: { ecs: { target: ecs, weight: 95 } }\n";
    const during = edited(braces, [{ key: "variants", value: two }], place);
    assert.equal(edited(during, [{ key: "variants", value: { ecs: two.ecs } }], place), braces);
  });

  it("a removal that would take a comment with it is refused", () => {
    const text = "config:\n  cpu: 512\n  variants:\n    # mine\n    blue: {target: ecs, weight: 100}\n";
    assert.throws(
      () => edited(text, [{ key: "variants" }], place),
      /^Error: Pulumi\.prod\.yaml: variants cannot be edited without losing something, such as a comment/,
    );
  });

  for (const [text, expected] of [
    ["config:\n  cpu: &size 512\n  memory: *size\n", /line 2: &size is repeated elsewhere/],
    ["config: {cpu: 512}\n", /line 1: config is written in braces/],
    ["config:\n  cpu: 512\n---\nconfig:\n  cpu: 1\n", /line \d: a second document begins/],
    [
      "config:\n  target: ecs\n  inference:target: eks\n",
      /prod\.yaml declares both target and inference:target\. Remove/,
    ],
    ["", /is empty; expected config:/],
  ] as const) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.throws(() => refuseUneditable(text, place), expected));
  }

  it("takes the files of the project", () => refuseUneditable("# a\nconfig:\n  a: {b: 1}\n  c: '&x *y'\n", place));
});
