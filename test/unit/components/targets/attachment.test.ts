import assert from "node:assert/strict";
import { awsTargetNamed } from "../../../../components/targets";
import { settingsOf } from "../../support/settings";

const attachmentOf = (target: "ecs" | "eks", own: Readonly<Record<string, unknown>> = {}) =>
  awsTargetNamed(target).attachment(settingsOf(own));
const network = {
  vpcId: "vpc-0123abcd",
  publicSubnetIds: ["subnet-0000000a", "subnet-0000000b"],
  privateSubnetIds: ["subnet-0000000c", "subnet-0000000d"],
};
const kubeconfig = '{"clusters":[{"cluster":{"server":"https://127.0.0.1"}}],"contexts":[],"users":[]}';
const inCluster = (name: string) => ({ network, eks: { cluster: { name, kubeconfig, controller: "lbc" } } });

describe("attachment", () => {
  it("replaces a target group when its platform or its cluster changes: a cluster's controller empties a shared one", () => {
    const first = attachmentOf("ecs", inCluster("one")).replacementTrigger;
    const triggers = [
      first,
      attachmentOf("eks", inCluster("one")).replacementTrigger,
      attachmentOf("eks", inCluster("two")).replacementTrigger,
    ];
    assert.equal(new Set(triggers).size, 3);
    assert.equal(attachmentOf("ecs", inCluster("two")).replacementTrigger, first);
  });

  it("replaces the target group of an ECS service that moves to another cluster", () => {
    const on = (cluster: string) => attachmentOf("ecs", { ecs: { cluster } }).replacementTrigger;
    assert.equal(new Set([attachmentOf("ecs").replacementTrigger, on("models"), on("plain")]).size, 3);
  });

  it("tags the groups of EKS with the cluster whose Auto Mode registers pods", () => {
    assert.deepEqual(attachmentOf("eks").tags, { "eks:eks-cluster-name": "inference-test" });
    assert.deepEqual(attachmentOf("eks", inCluster("team")).tags, {});
    assert.deepEqual(attachmentOf("ecs").tags, {});
  });
});
