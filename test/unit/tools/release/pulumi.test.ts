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

  const installPulumi = (script: string) => {
    writeFileSync(join(folder, "pulumi"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    process.env.PATH = [folder, PATH].join(delimiter);
  };
  const preview = (signal?: AbortSignal) => pulumiCli("prod", () => {}).preview("config: {}\n", signal);

  it("a preview has the changes that Pulumi lists, or the reason of its failure", async () => {
    const steps = ["same", "update"].map((op) => ({ op, urn: "urn:pulumi:prod::p::a:b::c", provider: "x" }));
    installPulumi(`echo '${JSON.stringify({ steps })}'`);
    assert.deepEqual(await preview(), [{ op: "update", urn: "urn:pulumi:prod::p::a:b::c" }]);
    installPulumi("echo '{}'");
    assert.deepEqual(await preview(), []);
    const diagnostics = [{ severity: "error", message: "no image" }];
    installPulumi(`echo '${JSON.stringify({ diagnostics })}'; exit 255`);
    await assert.rejects(preview(), /^Error: pulumi preview failed:\nno image$/);
  });

  it("a preview whose output is no list of changes is no preview without changes", async () => {
    installPulumi("echo '{\"steps\": ['");
    await assert.rejects(preview(), /^Error: pulumi preview printed no list of changes:\n\{"steps": \[$/);
  });

  it("an interruption ends a preview that does not end", async () => {
    const begun = join(folder, "begun");
    const script = `trap 'exit 1' INT\ntouch ${begun}\nfor try in $(seq 100); do sleep 0.1; done\necho '{"steps":[]}'`;
    installPulumi(script);
    const interrupted = new AbortController();
    const rejects = assert.rejects(preview(interrupted.signal), /^Error: Interrupted\. Nothing was changed\.$/);
    for (let tries = 0; tries < 100 && !existsSync(begun); tries++) await sleep(50);
    const start = performance.now();
    interrupted.abort();
    await rejects;
    assert.ok(performance.now() - start < 5000);
  });
});
