import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { declaredStack } from "../support/mock-cloud";

const page = readFileSync(resolve(__dirname, "../../../docs/outputs.md"), "utf8");
const [ofStacks = "", ofVariants = ""] = page.split("## Fields of a variant");

/** The names in the first column of a table, sorted. */
const rows = (text: string) => [...text.matchAll(/^\| `(\w+)` \|/gm)].map(([, name = ""]) => name).sort();
const sorted = (names: Iterable<string>) => [...new Set(names)].sort();

describe("docs/outputs.md", () => {
  let outputs: Record<string, unknown>[];

  before(async function () {
    this.timeout(120_000);
    const stacks = [
      await declaredStack("local"),
      await declaredStack("prod", { exec: true, internalCallers: ["sg-0123abcd"] }),
      await declaredStack("dev", { target: "eks" }),
      await declaredStack("dev", { target: "both" }),
    ];
    outputs = stacks.map((stack) => stack.outputs);
  });

  it("has a row for each output of a stack, and no other", () =>
    assert.deepEqual(rows(ofStacks), sorted(outputs.flatMap((stack) => Object.keys(stack)))));

  it("has a row for each field of a variant, and no other", () => {
    const variants = outputs.flatMap(({ variants = [] }) => variants as object[]);
    assert.deepEqual(rows(ofVariants), sorted(variants.flatMap((variant) => Object.keys(variant))));
  });

  it("names as type what an evaluated stack returns", () => {
    for (const [, name = "", type = ""] of ofStacks.matchAll(/^\| `(\w+)` \| (\w+)/gm)) {
      const values = outputs.map((stack) => stack[name]).filter((value) => value !== undefined);
      for (const value of values) assert.equal(Array.isArray(value) ? "array" : typeof value, type, name);
    }
  });
});
