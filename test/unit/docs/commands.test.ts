import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectFolder } from "../../../tools/stack/file";
import { commandsIn, documentedCommands, unmarked, unmarkedCommands } from "../../support/documented-commands";
import { entryOf, executedHere, table } from "./command-table";

const documented = documentedCommands();
const here = executedHere.map(({ command }) => command);
/** A command without arguments that a sentence names. */
const isOnlyNamed = (command: string) => /^(npm run|pulumi stack|pulumi config)$/.test(command);

describe("commands in documents", () => {
  it("are found in blocks and between backticks, without comments", () => {
    const text =
      "`npm run a -- --b` and `kubectl x`\n```sh\n# only a comment\npulumi up # one\nnpm run c && npm run d\n```\n```console\n$ npm start &\nan answer\n```\n";
    assert.deepEqual(commandsIn(text), ["pulumi up", "npm run c", "npm run d", "npm start", "npm run a -- --b"]);
    assert.deepEqual(unmarkedCommands("```\nnpm start\n```\n```text\n  npm start\nstarting\n```\n"), ["npm start"]);
    assert.ok(documented.length > 200, `${documented.length}`);
  });

  it("stand in blocks that are marked as sh, or with a prompt as console", () => assert.deepEqual(unmarked(), []));

  it("are each executed by a test, or marked in the table with what they need", () => {
    const unlisted = documented.filter(
      ({ command }) => !here.includes(command) && !isOnlyNamed(command) && entryOf(command) === undefined,
    );
    assert.deepEqual(unlisted, [], "add them to test/unit/docs/command-table.ts");
  });

  it("include every entry of the table", () => {
    const commands = documented.map(({ command }) => command);
    const used = new Set(commands.filter((command) => !here.includes(command)).map((command) => entryOf(command)));
    assert.deepEqual(
      [...Object.keys(table).filter((name) => !used.has(name)), ...here.filter((name) => !commands.includes(name))],
      [],
      "no document has them",
    );
  });

  for (const [name, how] of Object.entries(table)) {
    if (typeof how === "string") continue;
    it(`are executed where the table says: ${name}`, () => {
      const path = join(projectFolder, how.test);
      assert.ok(existsSync(path), how.test);
      assert.ok(readFileSync(path, "utf8").includes(how.says), `${how.test} does not have ${how.says}`);
    });
  }
});
