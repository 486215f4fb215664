import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectFolder } from "../../../tools/stack/file";

const sources = readdirSync(join(projectFolder, "tools"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => ({ name, text: readFileSync(join(projectFolder, "tools", name), "utf8") }));

describe("help texts of the commands", () => {
  it("fit into 80 columns", () => {
    const usages = sources.flatMap(({ name, text }) =>
      [...text.matchAll(/[uU]sage = `([\s\S]*?)`;/g)].map(([, usage = ""]) => ({ name, lines: usage.split("\n") })),
    );
    assert.ok(usages.length > 15, `${usages.length}`);
    const long = usages.flatMap(({ name, lines }) =>
      lines.filter((line) => line.length > 80).map((line) => [name, line]),
    );
    assert.deepEqual(long, []);
  });
});
