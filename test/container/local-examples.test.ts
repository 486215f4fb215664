import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Sandbox } from "../engine/support/sandbox";
import { succeeds } from "../engine/support/succeeds";
import { describeWithEngine } from "../engine/support/suite";
import { exampleFolder, exampleStackFile, examples } from "../support/examples";
import { type Engine, findEngine, provideBasesOf } from "./support/engine";

const buildLimitMs = 20 * 60_000;

/** Those with a Dockerfile whose image is what the stack file runs. */
const built = examples.filter(({ folder }) => !folder.startsWith("stock-image/"));

describeWithEngine("The examples on target local", (open) => {
  let sandbox: Sandbox;
  let engine: Engine;
  before(async function () {
    this.timeout(buildLimitMs);
    const found = await findEngine();
    if ("missing" in found) {
      console.log(`      skipped: ${found.missing}`);
      this.skip();
    }
    engine = found;
    const environment = engine.docker.host === undefined ? {} : { DOCKER_HOST: engine.docker.host };
    sandbox = await open({ environment, sharesProviders: false });
  });
  after(async () => engine?.stop());

  for (const { folder, readiness } of built) {
    it(`${folder} goes up in Docker, answers and is destroyed`, async function () {
      this.timeout(buildLimitMs);
      const missing = await provideBasesOf(exampleFolder(folder), engine.docker);
      if (missing !== undefined) {
        console.log(`      skipped: ${missing}`);
        this.skip();
      }
      // Fills Docker's layer cache, so that the build during the update stays within the limit of a command.
      await engine.docker.build(exampleFolder(folder), `inference:local-${basename(folder)}`);
      const stack = basename(folder);
      copyFileSync(exampleStackFile(folder), join(sandbox.project, `Pulumi.${stack}.yaml`));
      await sandbox.createStack(stack, { "inference:target": "local" });
      try {
        succeeds(await sandbox.up("--stack", stack));
        const { url } = await sandbox.outputs();
        const { status } = await fetch(`${url}${readiness}`, { signal: AbortSignal.timeout(30_000) });
        assert.equal(status, 200);
      } finally {
        succeeds(await sandbox.pulumi("destroy", "--yes", "--skip-preview", "--stack", stack));
      }
    });
  }
});
