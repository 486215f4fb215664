import assert from "node:assert/strict";
import { Flips } from "./support/flips";
import type { Sandbox } from "./support/sandbox";
import { succeeds } from "./support/succeeds";
import { describeWithEngine } from "./support/suite";

describeWithEngine("Log groups of a protected stack", (open) => {
  let sandbox: Sandbox;
  let flips: Flips;

  before(async () => {
    sandbox = await open();
    flips = new Flips(sandbox);
    await sandbox.createStack("dev", { "inference:protect": true, "inference:allowHttp": true });
    succeeds(await sandbox.up());
  });

  /** Pulumi names of the container log groups, in the order of creation. */
  const kept = () =>
    sandbox.account
      .of("aws:cloudwatch/logGroup:LogGroup")
      .map(({ name }) => name)
      .filter((name) => ["inference-ecs", "inference-eks-application"].includes(name));

  it("log groups of a protected stack survive flips, and do not block the next one", async () => {
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

  it("destroy of an unprotected stack deletes its log groups, except those of earlier sides", async () => {
    succeeds(await flips.to("eks", { "inference:protect": false }));
    succeeds(await sandbox.pulumi("destroy", "--yes", "--skip-preview", "--suppress-progress"));
    assert.deepEqual(kept(), ["inference-ecs", "inference-eks-application", "inference-ecs"]);
  });
});
