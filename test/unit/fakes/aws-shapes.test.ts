import assert from "node:assert/strict";
import { Account } from "../../fakes/account";
import { realise } from "../../fakes/aws-shapes";
import { temporaryFolder } from "../../support/folder";

const type = "aws:eks/cluster:Cluster";
const urn = `urn:pulumi:dev::inference::${type}::inference`;

describe("The fake AWS provider", () => {
  it("keeps on an update what AWS added to an input: the security group of a cluster", () => {
    const account = new Account(temporaryFolder("account"));
    const inputs = { name: "inference", vpcConfig: { subnetIds: ["subnet-1"], publicAccessCidrs: ["192.0.2.0/24"] } };
    const { id, outputs } = realise(urn, inputs, account);
    const held = { urn, type, name: "inference", id, inputs, outputs: { ...inputs, ...outputs } };
    const changed = { ...inputs, vpcConfig: { subnetIds: ["subnet-1"] } };
    const updated = realise(urn, changed, account, held).outputs;
    const { clusterSecurityGroupId } = outputs.vpcConfig as { clusterSecurityGroupId: string };
    assert.match(clusterSecurityGroupId, /^sg-/);
    assert.deepEqual(updated.vpcConfig, { subnetIds: ["subnet-1"], clusterSecurityGroupId });
    assert.equal(updated.endpoint, outputs.endpoint);
    assert.equal("name" in updated, false);
  });
});
