import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Sandbox } from "../engine/support/sandbox";
import { succeeds } from "../engine/support/succeeds";
import { describeWithEngine } from "../engine/support/suite";
import { exampleFolder, exampleStackFile, examples } from "../support/examples";
import { imageUnderTest } from "./support/image-under-test";

/** Those with a Dockerfile whose image is what the stack file runs. */
const built = examples.filter(({ folder }) => !folder.startsWith("stock-image/"));

describeWithEngine("The examples on target local", (open) => {
  for (const { folder, readiness } of built) {
    describe(`examples/${folder}`, () => {
      // Its build fills Docker's layer cache, so that the one during the update stays within the limit of a command.
      const image = imageUnderTest(exampleFolder(folder));
      let sandbox: Sandbox;
      const stack = basename(folder);
      before(async () => {
        const environment = image.docker.host === undefined ? {} : { DOCKER_HOST: image.docker.host };
        sandbox = await open({ environment, sharesProviders: false });
        copyFileSync(exampleStackFile(folder), join(sandbox.project, `Pulumi.${stack}.yaml`));
        await sandbox.createStack(stack, { "inference:target": "local" });
      });

      it("goes up in Docker, answers and is destroyed", async () => {
        try {
          succeeds(await sandbox.up("--stack", stack));
          const { url } = await sandbox.outputs();
          const { status } = await fetch(`${url}${readiness}`, { signal: AbortSignal.timeout(30_000) });
          assert.equal(status, 200);
        } finally {
          succeeds(await sandbox.pulumi("destroy", "--yes", "--skip-preview", "--stack", stack));
        }
      });
    });
  }
});
