import assert from "node:assert/strict";
import { deployment, Flips } from "./support/flips";
import type { Sandbox } from "./support/sandbox";
import { succeeds } from "./support/succeeds";
import { describeWithEngine } from "./support/suite";

const pool = "kubernetes:karpenter.sh/v1:NodePool";

describeWithEngine("A change of spot on EKS", (open) => {
  let sandbox: Sandbox;
  let flips: Flips;
  const pools = () =>
    sandbox.account
      .of(pool)
      .map(({ name }) => name)
      .sort();
  const configure = (spot: object | undefined) => sandbox.configure("dev", { "inference:spot": spot });
  const changesOf = (mark: number) =>
    sandbox.changesSince(mark).filter((change) => change.includes(pool) || change.includes(deployment));

  before(async () => {
    sandbox = await open();
    flips = new Flips(sandbox);
    await sandbox.createStack("dev", { "inference:target": "eks", "inference:spot": undefined });
    succeeds(await sandbox.up());
  });

  it("to a mix makes the Spot pool and changes the pool in use, before the pods roll", async () => {
    configure({ onDemandBase: 1, onDemandWeight: 0, spotWeight: 1 });
    const mark = sandbox.mark();
    succeeds(await sandbox.up());
    assert.deepEqual(changesOf(mark).sort(), [
      `create ${pool} inference-machines-spot`,
      `update ${deployment} inference-eks`,
      `update ${pool} inference-machines`,
    ]);
    const rolls = flips.since(mark, "begin", "update", deployment).atMs;
    assert.ok(flips.since(mark, "end", "create", pool).atMs <= rolls);
    assert.ok(flips.since(mark, "end", "update", pool).atMs <= rolls);
    succeeds(await sandbox.up("--expect-no-changes"));
  });

  it("back keeps the Spot pool while the pods that leave it fail", async () => {
    const message = "[ErrImagePull] not found";
    sandbox.inject({ name: "inference-eks", type: deployment, op: "update", does: "failDeployment", message });
    configure(undefined);
    const { code, output } = await sandbox.up();
    assert.equal(code, 1, output);
    assert.deepEqual(pools(), ["inference-machines", "inference-machines-spot"]);
    sandbox.clearInjected();
  });

  it("back deletes the Spot pool once the new pods serve, and no other", async () => {
    const mark = sandbox.mark();
    succeeds(await sandbox.up("--refresh"));
    assert.deepEqual(
      changesOf(mark).filter((change) => change.startsWith("delete")),
      [`delete ${pool} inference-machines-spot`],
    );
    const rolled = flips.since(mark, "end", "update", deployment).atMs;
    assert.ok(rolled <= flips.since(mark, "begin", "delete", pool).atMs);
    assert.deepEqual(pools(), ["inference-machines"]);
    succeeds(await sandbox.up("--expect-no-changes"));
  });

  it("to Spot alone changes the pool in place, and rolls nothing", async () => {
    configure({ onDemandBase: 0, onDemandWeight: 0, spotWeight: 1 });
    const mark = sandbox.mark();
    succeeds(await sandbox.up());
    assert.deepEqual(changesOf(mark), [`update ${pool} inference-machines`]);
  });
});
