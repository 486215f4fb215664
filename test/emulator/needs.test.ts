import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { findCli, projectRoot } from "../engine/support/cli";
import { ProviderProcess } from "../engine/support/provider-process";
import { temporaryFolder } from "../support/folder";
import { Emulator, emulatorIsMissing } from "./support/emulator";

const limitMs = 60_000;

describe("The emulator tier's requirements", function () {
  this.timeout(limitMs);
  let folder: string;

  beforeEach(() => {
    folder = temporaryFolder("needs");
  });

  const install = (program: string, script: string) => {
    writeFileSync(join(folder, program), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, program), 0o755);
  };

  it("name the AWS provider that does not start, with its output", async () => {
    install("pulumi-resource-aws", 'echo "no such schema" >&2; sleep 0.2; exit 3');
    const start = ProviderProcess.start("aws", { PATH: [folder, process.env.PATH].join(delimiter) });
    await assert.rejects(start, /pulumi-resource-aws did not print its port: it exited with 3\nno such schema/);
  });

  it("name the emulator that does not start, with its output", async function () {
    if (emulatorIsMissing()) this.skip();
    install("python3", 'echo "No space left on device" >&2; exit 1');
    const before = process.env.PATH;
    process.env.PATH = [folder, before].join(delimiter);
    try {
      await assert.rejects(
        Emulator.start(async () => ({})),
        /the AWS emulator did not start on port \d+: No space left on device/,
      );
    } finally {
      process.env.PATH = before;
    }
  });

  const runSuite = (file: string, environment: NodeJS.ProcessEnv) =>
    spawnSync(
      process.execPath,
      [join(projectRoot, "node_modules/mocha/bin/mocha.js"), "--bail", `test/emulator/${file}`],
      {
        cwd: projectRoot,
        env: { ...process.env, PULUMI_AWS_PLUGIN_DIR: folder, ...environment },
        encoding: "utf8",
        timeout: limitMs,
      },
    );

  it("leave no process or folder behind when the provider does not start", function () {
    if (emulatorIsMissing() || !findCli().found) this.skip();
    install("pulumi-resource-aws", "exit 3");
    const TMPDIR = join(folder, "tmp");
    mkdirSync(TMPDIR);
    const { status, stdout } = runSuite("edge.test.ts", { TMPDIR });
    assert.equal(status, 1, stdout);
    assert.match(stdout, /pulumi-resource-aws did not print its port: it exited with 3/);
    // The emulator keeps its folder for as long as it runs.
    const ours = readdirSync(TMPDIR).filter((name) => !name.startsWith("v8-compile-cache"));
    assert.deepEqual(ours, []);
  });

  it("skip every test of a suite, with the reason, when there is no provider", () => {
    install("pulumi", "echo v3.250.0");
    const { status, stdout, stderr } = runSuite("stacks.test.ts", {
      PATH: [folder, dirname(process.execPath), "/usr/bin", "/bin"].join(delimiter),
    });
    assert.equal(status, 0, stderr);
    assert.match(stdout, /\[skipped: no AWS provider: PULUMI_AWS_PLUGIN_DIR names no folder with pulumi-resource-aws/);
    assert.match(stdout, /0 passing[\s\S]*\d+ pending/);
  });
});
