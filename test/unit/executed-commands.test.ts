import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ProjectCopy } from "../engine/support/project-copy";
import { temporaryFolder } from "../support/folder";
import { executedHere } from "./docs/command-table";

describe("a documented command that needs no account", function () {
  this.timeout(320_000);
  let copy: ProjectCopy;
  before(() => {
    copy = new ProjectCopy(join(temporaryFolder("commands"), "project"), [
      "docs",
      "README.md",
      "CONTRIBUTING.md",
      "modelling",
      "policy",
      "test",
    ]);
  });

  for (const { command, says, code = 0 } of executedHere)
    it(`works as it is written: ${command}`, () => {
      const { status, stdout, stderr } = spawnSync("sh", ["-c", command.replace("npm run", "npm run --silent")], {
        cwd: copy.folder,
        // Without the tester's own settings and credentials.
        env: { PATH: process.env.PATH, HOME: copy.folder },
        encoding: "utf8",
        timeout: 300_000,
      });
      assert.equal(status, code, `${stdout}${stderr}`);
      assert.match(stdout, says, stderr);
    });
});
