import assert from "node:assert/strict";
import { Flips } from "./support/flips";
import type { Sandbox } from "./support/sandbox";
import { succeeds } from "./support/succeeds";
import { describeWithEngine } from "./support/suite";

describeWithEngine("The logs of a protected stack", (open) => {
  let sandbox: Sandbox;
  let flips: Flips;

  before(async () => {
    sandbox = await open();
    flips = new Flips(sandbox);
    await sandbox.createStack("dev", { "inference:protect": true, "inference:allowHttp": true });
    succeeds(await sandbox.up());
  });

  /** Of the containers' lines: Pulumi's names, in the order in which the groups were made. */
  const kept = () =>
    sandbox.account
      .of("aws:cloudwatch/logGroup:LogGroup")
      .map(({ name }) => name)
      .filter((name) => ["inference-ecs", "inference-eks-application"].includes(name));

  it("outlive a flip to EKS and one back, and hinder neither that nor the next", async () => {
    for (const target of ["eks", "ecs", "eks"]) succeeds(await flips.to(target));
    assert.deepEqual(kept(), [
      "inference-ecs",
      "inference-eks-application",
      "inference-ecs",
      "inference-eks-application",
    ]);
    const names = sandbox.account.of("aws:cloudwatch/logGroup:LogGroup").map(({ inputs }) => inputs.name);
    assert.equal(new Set(names).size, names.length);
  });

  it("go with the stack once it is no longer protected, but for what an earlier side left", async () => {
    succeeds(await flips.to("eks", { "inference:protect": false }));
    succeeds(await sandbox.pulumi("destroy", "--yes", "--skip-preview", "--suppress-progress"));
    assert.deepEqual(kept(), ["inference-ecs", "inference-eks-application", "inference-ecs"]);
  });
});
