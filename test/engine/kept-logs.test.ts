import assert from "node:assert/strict";
import { Flips } from "./support/flips";
import type { Lab } from "./support/lab";
import { succeeds } from "./support/succeeds";
import { describeWithEngine } from "./support/suite";

describeWithEngine("The logs of a protected stack", (open) => {
  let lab: Lab;
  let flips: Flips;

  before(async () => {
    lab = await open();
    flips = new Flips(lab);
    await lab.createStack("dev", { "inference:protect": true, "inference:allowHttp": true });
    succeeds(await lab.up());
  });

  /** Of the containers' lines: Pulumi's names, in the order in which the groups were made. */
  const kept = () =>
    lab.account
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
    const names = lab.account.of("aws:cloudwatch/logGroup:LogGroup").map(({ inputs }) => inputs.name);
    assert.equal(new Set(names).size, names.length);
  });

  it("go with the stack once it is no longer protected, but for what an earlier side left", async () => {
    succeeds(await flips.to("eks", { "inference:protect": false }));
    succeeds(await lab.pulumi("destroy", "--yes", "--skip-preview", "--suppress-progress"));
    assert.deepEqual(kept(), ["inference-ecs", "inference-eks-application", "inference-ecs"]);
  });
});
