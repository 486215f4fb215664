import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { circles } from "../../../tools/measures/circles";
import { functionsIn, importsOf, literalsIn, readSource } from "../../../tools/measures/source";
import { temporaryFolder } from "../../support/folder";

describe("circles", () => {
  it("finds each group of files that import each other once", () => {
    const imports = new Map([
      ["a", ["b"]],
      ["b", ["c"]],
      ["c", ["a", "d"]],
      ["d", []],
      ["self", ["self"]],
    ]);
    assert.deepEqual(circles(imports), [["a", "b", "c"], ["self"]]);
    assert.deepEqual(
      circles(
        new Map([
          ["a", ["b"]],
          ["b", []],
        ]),
      ),
      [],
    );
  });
});

describe("the measures of a source file", () => {
  const root = temporaryFolder("measures");
  const code = `import { used } from "./other";
import type { Shape } from "./shape";
import { type Only } from "./shape";
import "./folder";
export const arrow = () => "ecs";
export class Thing {
  constructor() {
    used();
  }
  method() { [1].map(() => { return "eks"; }); }
}
`;
  const source = () => readSource(root, "file.ts");

  before(() => {
    mkdirSync(join(root, "folder"));
    for (const [name, text] of [
      ["file.ts", code],
      ["other.ts", ""],
      ["shape.ts", ""],
      ["folder/index.ts", ""],
    ] as const)
      writeFileSync(join(root, name), text);
  });

  it("count imports of code, not of types", () =>
    assert.deepEqual(importsOf(root, source()), ["other.ts", "folder/index.ts"]));

  it("list named functions with their lines, without callbacks", () =>
    assert.deepEqual(
      functionsIn(source()).map(({ name, lines }) => [name, lines]),
      [
        ["arrow", 1],
        ["Thing constructor", 3],
        ["method", 1],
      ],
    ));

  it("count lines and literals", () =>
    assert.deepEqual([source().lines, literalsIn(source(), ["ecs", "eks"])], [11, 2]));
});
