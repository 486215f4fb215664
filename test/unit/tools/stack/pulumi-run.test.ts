import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { runPulumi } from "../../../../tools/stack/pulumi-run";
import { temporaryFolder } from "../../../support/folder";

describe("runPulumi", () => {
  const { PATH } = process.env;
  const folder = temporaryFolder("pulumi-run");
  const installPulumi = (script: string) => {
    writeFileSync(join(folder, "pulumi"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    process.env.PATH = [folder, PATH].join(delimiter);
  };

  after(() => {
    process.env.PATH = PATH;
  });

  it("returns the exit code and the lines of both outputs", async () => {
    installPulumi("echo one\necho two >&2\nexit 3");
    const told: string[] = [];
    const { code, stdout, output } = await runPulumi(["up"], (line) => told.push(line));
    assert.deepEqual(
      [code, stdout, output.trim().split("\n").sort(), told.sort()],
      [3, "one\n", ["one", "two"], ["one", "two"]],
    );
  });

  it("ends when the CLI is killed and a plugin keeps the output open", async () => {
    const plugin = join(folder, "plugin");
    installPulumi(`sleep 60 &\necho $! > ${plugin}\necho begun\nkill -9 $$`);
    try {
      const { code, stdout, output } = await runPulumi(["up"], () => {}, undefined, 200);
      assert.deepEqual([code, stdout, output], [null, "begun\n", "begun\npulumi was killed: SIGKILL\n"]);
    } finally {
      process.kill(Number(readFileSync(plugin, "utf8")));
    }
  });
});
