import assert from "node:assert/strict";
import { isRecord } from "../fakes/values";
import { silenceAlarms, soundAlarms } from "./support/account-api/cloudwatch";
import { deployment, Flips } from "./support/flips";
import type { Sandbox } from "./support/sandbox";
import { succeeds } from "./support/succeeds";
import { describeWithEngine } from "./support/suite";

const rolledBack = /inference-eks-\w+ was rolled back: it runs inference-eks-\w+, not the declared version/;

describeWithEngine("A failed version on EKS", (open) => {
  let sandbox: Sandbox;

  before(async () => {
    sandbox = await open();
    const flips = new Flips(sandbox);
    await sandbox.createStack("dev");
    succeeds(await flips.to("eks"));
  });

  const fails = () =>
    sandbox.inject({
      name: "inference-eks",
      type: deployment,
      op: "update",
      does: "failDeployment",
      message: "[ErrImagePull] not found",
    });
  /** The image that the pods run. */
  const image = () => {
    const [held] = sandbox.account.of(deployment);
    const found = /"image":"([^"]+)"/.exec(JSON.stringify(isRecord(held?.inputs.spec) && held.inputs.spec.template));
    return found?.[1];
  };
  const changesOf = (mark: number) => sandbox.changesSince(mark).filter((change) => change.includes(deployment));

  it("is rolled back, with the reason of its pods", async () => {
    const before = image();
    sandbox.changeImage();
    fails();
    const { code, output } = await sandbox.up();
    assert.equal(code, 1, output);
    assert.match(output, rolledBack);
    assert.match(output, /failed to roll out: has timed out progressing\.\n\s+\[ErrImagePull\] not found/);
    assert.match(output, /To retry the same version, run `pulumi up --refresh`\./);
    assert.ok(before);
    assert.equal(image(), before);
  });

  it("fails the next update with the same reason, which changes nothing", async () => {
    const mark = sandbox.mark();
    const { code, output } = await sandbox.up();
    assert.equal(code, 1, output);
    assert.match(output, rolledBack);
    assert.match(output, /\[ErrImagePull\] not found/);
    assert.deepEqual(changesOf(mark), []);
  });

  it("is tried again by pulumi up --refresh, and fails again", async () => {
    const mark = sandbox.mark();
    const { code, output } = await sandbox.up("--refresh");
    assert.equal(code, 1, output);
    assert.match(output, rolledBack);
    assert.equal(changesOf(mark).length, 1, "Pulumi applies the declared version again");
  });

  it("runs once pulumi up --refresh finds its cause gone", async () => {
    sandbox.clearInjected();
    const before = image();
    succeeds(await sandbox.up("--refresh"));
    assert.notEqual(image(), before);
    succeeds(await sandbox.pulumi("preview", "--expect-no-changes"));
  });

  it("is rolled back when an alarm fires while it is watched", async () => {
    const before = image();
    sandbox.changeImage();
    soundAlarms(sandbox.account, "inference-eks-failing");
    const { code, output } = await sandbox.up();
    silenceAlarms(sandbox.account);
    assert.equal(code, 1, output);
    assert.match(output, rolledBack);
    assert.match(output, /alarm: inference-eks-failing-[0-9a-f]{7}/);
    assert.equal(image(), before);
  });

  it("is followed by a fixed version", async () => {
    sandbox.changeImage();
    succeeds(await sandbox.up());
    succeeds(await sandbox.up("--expect-no-changes"));
  });

  it("stays with eks.rollback: false", async () => {
    sandbox.configure("dev", { "inference:eks": { endpointCidrs: ["0.0.0.0/0"], rollback: false } });
    sandbox.changeImage();
    fails();
    const mark = sandbox.mark();
    const { code, output } = await sandbox.up();
    sandbox.clearInjected();
    assert.equal(code, 1, output);
    assert.doesNotMatch(output, /rolled back/);
    assert.match(output, /failed to roll out: has timed out progressing\./);
    assert.equal(changesOf(mark).length, 1);
  });
});
