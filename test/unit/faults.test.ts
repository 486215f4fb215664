import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../engine/support/cli";
import { faults } from "../faults/faults";

/** Checks that each fault can be applied. `npm run test:faults` runs them. */
describe("the deliberate faults", () => {
  it("have unique names", () => assert.equal(new Set(faults.map(({ name }) => name)).size, faults.length));

  for (const { name, edits, suite } of faults) {
    it(`can be put in: ${name}`, () => {
      for (const [path, from, to] of edits) {
        const text = readFileSync(join(projectRoot, path), "utf8");
        assert.equal(text.split(from).length, 2, `${path} holds once: ${from}`);
        assert.notEqual(from, to);
      }
      assert.ok(existsSync(join(projectRoot, "test", suite)), suite);
    });
  }
});
