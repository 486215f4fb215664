import assert from "node:assert/strict";
import type { Sandbox } from "./support/sandbox";
import { succeeds } from "./support/succeeds";
import { describeWithEngine } from "./support/suite";

describeWithEngine("npm run rightsize", (open) => {
  let sandbox: Sandbox;

  before(async () => {
    sandbox = await open();
    await sandbox.createStack("dev");
  });

  const rightsize = () => sandbox.script("rightsize", "--stack", "dev");

  it("says what to do before the first deployment", async () => {
    const { code, output } = await rightsize();
    assert.equal(code, 1);
    assert.match(output, /^Stack dev does not run ecs\. Deploy it: pulumi up$/m);
  });

  it("queries the metrics of the deployed replicas with the stack's own sign-in", async () => {
    succeeds(await sandbox.up());
    const { output } = succeeds(await rightsize());
    assert.match(output, /3\.0 replicas/);
    assert.match(output, /smaller {2}cpu \d+, memory \d+: saves/);
  });
});
