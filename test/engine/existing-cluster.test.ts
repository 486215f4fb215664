import assert from "node:assert/strict";
import { startCluster } from "../unit/support/cluster-server";
import { deployment, Flips, service } from "./support/flips";
import type { Sandbox } from "./support/sandbox";
import { succeeds } from "./support/succeeds";
import { describeWithEngine } from "./support/suite";

const identity = "aws:eks/podIdentityAssociation:PodIdentityAssociation";
const binding = "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicyBinding";
const network = {
  vpcId: "vpc-0123abcd",
  publicSubnetIds: ["subnet-0000000a", "subnet-0000000b"],
  privateSubnetIds: ["subnet-0000000c", "subnet-0000000d"],
};
/** Occurs nowhere else. */
const token = "token-of-the-team";
const kubeconfigOf = (server: string) =>
  JSON.stringify({
    clusters: [{ name: "team", cluster: { server } }],
    contexts: [{ name: "team", context: { cluster: "team", user: "team" } }],
    users: [{ name: "team", user: { token } }],
  });

describeWithEngine("A flip to an existing EKS cluster", (open) => {
  let sandbox: Sandbox;
  let flips: Flips;
  let mark: number;
  const onCluster = (name: string, controller: string) => ({
    "inference:eks": { cluster: { name, kubeconfig: kubeconfigOf(sandbox.clusterUrl), controller } },
  });

  before(async () => {
    sandbox = await open();
    flips = new Flips(sandbox);
    await sandbox.createStack("dev", { "inference:network": network });
    succeeds(await sandbox.up());
  });

  it("preflight refuses a cluster that does not exist, and nothing changes", async () => {
    const { code, output, mark } = await flips.to("eks", onCluster("others", "lbc"));
    assert.equal(code, 1, output);
    assert.match(output, /eks\.cluster\.name is "others"; expected a cluster that exists in us-east-1/);
    assert.deepEqual(sandbox.changesSince(mark), []);
  });

  it("preflight reports every mismatch with the existing cluster at once", async () => {
    const elsewhere = { ...network, vpcId: "vpc-0fedcba9" };
    const { code, output, mark } = await flips.to("eks", {
      ...onCluster("team", "auto"),
      "inference:network": elsewhere,
    });
    sandbox.configure("dev", { "inference:network": network });
    assert.equal(code, 1, output);
    assert.match(output, /: 7 problems found in the AWS account/, "each subnet, twice the VPC, and the controller");
    assert.match(output, /network\.vpcId is "vpc-0fedcba9"; expected vpc-0123abcd, the VPC of the cluster team/);
    assert.match(output, /eks\.cluster\.controller is "auto"; expected lbc/);
    assert.deepEqual(sandbox.changesSince(mark), []);
  });

  it("an update refuses a cluster without what pods need, and nothing changes", async () => {
    const bare = await startCluster(() => ({ status: 404, body: {} }));
    try {
      const { code, output, mark } = await flips.to("eks", {
        "inference:eks": { cluster: { name: "team", kubeconfig: kubeconfigOf(bare.url), controller: "lbc" } },
        "inference:modelUri": "s3://models/cats",
      });
      assert.equal(code, 1, output);
      assert.match(output, /: 1 problem found in the AWS account/);
      assert.match(
        output,
        /eks\.cluster\.name is "team"; expected a cluster with the AWS Load Balancer Controller: https/,
      );
      assert.match(
        output,
        /warning: The cluster team has no DaemonSet eks-pod-identity-agent, so pods have no credentials/,
      );
      assert.match(output, /warning: The cluster team has no metrics-server, so the autoscaler cannot/);
      assert.deepEqual(sandbox.changesSince(mark), []);
    } finally {
      bare.close();
    }
  });

  it("the flip moves traffic to the existing cluster and creates only the service's own resources", async () => {
    const model = { "inference:modelUri": "s3://models/cats" };
    ({ mark } = succeeds(await flips.to("eks", { ...onCluster("team", "lbc"), ...model })));
    flips.assertOrder(mark, deployment, service);
    const kubernetes = flips.typesOf(mark, "create").filter((type) => /^(kubernetes|aws:eks|aws:kms)/.test(type));
    assert.deepEqual(kubernetes, [
      identity,
      "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy",
      binding,
      "kubernetes:apps/v1:Deployment",
      "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
      "kubernetes:core/v1:Namespace",
      "kubernetes:core/v1:Service",
      "kubernetes:core/v1:ServiceAccount",
      "kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding",
      "kubernetes:networking.k8s.io/v1:NetworkPolicy",
      "kubernetes:policy/v1:PodDisruptionBudget",
    ]);
    const [opened] = sandbox.account
      .of("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
      .filter(({ name }) => name === "inference-eks-requests");
    assert.equal(opened?.inputs.securityGroupId, "sg-0fedcba9", "the cluster's own group lets the load balancer in");
  });

  it("pods start 15 s after their Pod Identity association, and the admission policy exists before it", () => {
    const made = flips.since(mark, "end", "create", identity);
    assert.ok(flips.since(mark, "begin", "create", deployment).atMs - made.atMs >= 15_000);
    assert.ok(flips.since(mark, "end", "create", binding).atMs <= flips.since(mark, "begin", "create", identity).atMs);
  });

  it("the outputs contain the existing cluster's name and its kubeconfig as a secret", async () => {
    const { eksClusterName, kubeconfig: given, eksLogGroupName } = await sandbox.outputs();
    assert.deepEqual([eksClusterName, given, eksLogGroupName], ["team", "[secret]", undefined]);
    assert.equal(sandbox.transcript.includes(token), false);
  });

  it("a second update to the existing cluster changes nothing", async () => {
    succeeds(await sandbox.up("--expect-no-changes"));
  });

  it("destroy leaves only images beside the existing cluster", async () => {
    succeeds(await sandbox.pulumi("destroy", "--yes", "--skip-preview", "--suppress-progress"));
    assert.deepEqual([...new Set(sandbox.account.held().map(({ type }) => type))], ["docker-build:index:Image"]);
  });
});
