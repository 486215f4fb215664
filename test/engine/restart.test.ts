import assert from "node:assert/strict";
import { deployment, Flips } from "./support/flips";
import type { Sandbox } from "./support/sandbox";
import { succeeds } from "./support/succeeds";
import { describeWithEngine } from "./support/suite";

describeWithEngine("npm run restart", (open) => {
  let sandbox: Sandbox;

  before(async () => {
    sandbox = await open();
    const flips = new Flips(sandbox);
    await sandbox.createStack("dev");
    succeeds(await flips.to("both"));
  });

  const restart = (...args: string[]) => sandbox.script("restart", "--stack", "dev", ...args);
  const restartedAt = () =>
    /"inference\/restarted-at":"([^"]+)"/.exec(JSON.stringify(sandbox.account.of(deployment)))?.[1];

  it("replaces the replicas on both platforms, and the next update has nothing to change", async () => {
    const { output } = succeeds(await restart());
    assert.match(output, /^Stack dev: replacing the replicas of ecs, eks$/m);
    assert.match(output, /^ecs: all replicas are new$/m);
    assert.match(output, /^eks: all replicas are new$/m);
    assert.ok(restartedAt());
    succeeds(await sandbox.pulumi("preview", "--expect-no-changes"));
  });

  it("replaces those of one variant", async () => {
    const before = restartedAt();
    const { output } = succeeds(await restart("--variant", "ecs"));
    assert.doesNotMatch(output, /eks/);
    assert.equal(restartedAt(), before);
  });
});
