import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pulumiCli } from "../../../../tools/release/pulumi";
import { temporaryFolder } from "../../../support/folder";

describe("pulumiCli", () => {
  const { PATH } = process.env;
  const folder = temporaryFolder("release-pulumi");

  after(() => {
    process.env.PATH = PATH;
  });

  it("an interruption ends a preview that does not end", async () => {
    const begun = join(folder, "begun");
    const script = `trap 'exit 1' INT\ntouch ${begun}\nfor try in $(seq 100); do sleep 0.1; done\necho '{"steps":[]}'`;
    writeFileSync(join(folder, "pulumi"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    process.env.PATH = [folder, PATH].join(delimiter);
    const interrupted = new AbortController();
    const preview = pulumiCli("prod", () => {}).preview("config: {}\n", interrupted.signal);
    const rejects = assert.rejects(preview, /^Error: Interrupted\. Nothing was changed\.$/);
    for (let tries = 0; tries < 100 && !existsSync(begun); tries++) await sleep(50);
    const start = performance.now();
    interrupted.abort();
    await rejects;
    assert.ok(performance.now() - start < 5000);
  });
});
