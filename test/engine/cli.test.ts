import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { temporaryFolder } from "../support/folder";
import { findCli, projectRoot } from "./support/cli";

describe("findCli", () => {
  let folder: string;
  const noSetup = "/nowhere/setup";

  beforeEach(() => {
    folder = temporaryFolder("cli");
  });

  const install = (script: string) => {
    writeFileSync(join(folder, "pulumi"), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, "pulumi"), 0o755);
  };

  it("reports a missing CLI with the link to install it", () => {
    assert.deepEqual(findCli({ PATH: folder }, noSetup), {
      found: false,
      reason: "no pulumi on PATH; install the Pulumi CLI (https://www.pulumi.com/docs/install)",
    });
  });

  it("refuses an old CLI with its version and the expected one", () => {
    install("echo v3.100.0");
    const expected = { found: false, reason: "pulumi on PATH is 3.100.0; expected 3.248 or a later 3.x" };
    assert.deepEqual(findCli({ PATH: folder }, noSetup), expected);
  });

  it("refuses a CLI that does not run, with its output", () => {
    install("echo 'cannot execute' >&2; exit 1");
    const found = findCli({ PATH: folder }, noSetup);
    assert.match(found.found ? "" : found.reason, /cannot execute/);
  });

  it("accepts a CLI of a supported version", () => {
    install("echo v3.250.0");
    assert.equal(findCli({ PATH: folder }, noSetup).found, true);
  });

  it("a suite with an old CLI skips every test and prints the reason", () => {
    install("echo v3.100.0");
    const mocha = join(projectRoot, "node_modules/mocha/bin/mocha.js");
    const run = spawnSync(process.execPath, [mocha, "test/engine/two-stacks.test.ts"], {
      cwd: projectRoot,
      env: {
        ...process.env,
        PATH: [folder, dirname(process.execPath), "/usr/bin", "/bin"].join(delimiter),
      },
      encoding: "utf8",
      timeout: 60_000,
    });
    assert.equal(run.status, 0, run.stderr);
    assert.match(run.stdout, /Two stacks in one account \[skipped: pulumi on PATH is 3\.100\.0; expected 3\.248/);
    assert.match(run.stdout, /0 passing[\s\S]*[1-9] pending/);
  });
});
