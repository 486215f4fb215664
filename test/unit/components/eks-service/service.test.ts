import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { eksService } from "../../support/eks-program";
import { declared, deployed } from "../../support/mock-cloud";
import type { PlanUnderTest } from "../../support/plan-under-test";
import { workloadOf } from "../../support/workloads";

describe("EksService", () => {
  let plain: PlanUnderTest;
  before(async () => {
    plain = await declared(() => void eksService());
  });

  it("is the parent of all its resources", () => {
    const parts = plain.plan.resources.filter(({ type }) => /^(aws|kubernetes|eks|pulumi:providers):/.test(type));
    assert.ok(parts.length > 15);
    for (const part of parts)
      assert.equal(plain.parentOf(part), "inference:aws:EksService", `${part.type} ${part.name}`);
  });

  it("opens one port between the load balancer and the pods, with standalone rules", () => {
    const onPort = { ipProtocol: "tcp", fromPort: 8080, toPort: 8080 };
    const { description: _in, ...ingress } = plain.one(
      "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    ).inputs;
    const { description: _out, ...egress } = plain.one(
      "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
    ).inputs;
    const nodes = ingress.securityGroupId;
    assert.match(String(nodes), /^sg-/);
    assert.deepEqual(ingress, { securityGroupId: nodes, referencedSecurityGroupId: "sg-gateway", ...onPort });
    assert.deepEqual(egress, { securityGroupId: "sg-gateway", referencedSecurityGroupId: nodes, ...onPort });
    assert.deepEqual(plain.all("aws:ec2/securityGroup:SecurityGroup"), []);
  });

  it("does not wait for the rollout: an unhealthy platform must not block the hand-over of traffic", () => {
    const { annotations } = plain.one("kubernetes:apps/v1:Deployment").inputs.metadata as Record<string, object>;
    assert.deepEqual(annotations, { "pulumi.com/skipAwait": "true" });
  });

  it("overrides the minimum that the hand-over of traffic raised", () => {
    const { annotations } = plain.one("kubernetes:autoscaling/v2:HorizontalPodAutoscaler").inputs.metadata as Record<
      string,
      object
    >;
    assert.deepEqual(annotations, { "pulumi.com/patchForce": "true" });
  });

  it("shares everything between variants except the resources of their pods", async () => {
    const variant = (name: string) => ({
      workload: workloadOf(name),
      image: { reference: `repository@sha256:${name}` },
      firstReplicas: 1,
      route: { targetGroupArn: `arn:of:${name}`, targetGroupArnSuffix: name, loadBalancerArnSuffix: "app" },
      rollbackAlarmNames: [],
    });
    const two = await declared(() => void eksService({}, { services: [variant("blue"), variant("green")] }));
    const names = (plan: PlanUnderTest, ofVariants: RegExp) => {
      const all = plan.plan.resources
        .map(({ type, name }) => `${type} ${name}`)
        .filter((each) => !/test:index/.test(each));
      return { own: all.filter((each) => ofVariants.test(each)), shared: all.filter((each) => !ofVariants.test(each)) };
    };
    const kinds = /(Deployment|HorizontalPodAutoscaler|PodDisruptionBudget|:Service|TargetGroupBinding) inference-/;
    const [one, both] = [names(plain, kinds), names(two, kinds)];
    assert.deepEqual(both.shared, one.shared);
    assert.deepEqual([one.own.length, both.own.length], [5, 10]);
  });

  it("outputs the access commands of a variant and its cluster", async () => {
    const plan = await declared(() => {
      const { deployments, outputs } = eksService();
      return { found: deployments[0]?.access, access: outputs.kubectlAccess };
    });
    assert.deepEqual(plan.outputs, {
      found: {
        cluster: "inference-test",
        logs: "kubectl -n inference logs -f deployment/inference-eks",
        shell: "kubectl -n inference exec -it deployment/inference-eks -- sh",
        internalUrl: "http://eks.inference.svc.cluster.local",
      },
      access: "aws eks update-kubeconfig --region eu-west-1 --name inference-test",
    });
  });

  it("keeps the kubeconfig secret", async () => {
    let isSecret: boolean | undefined;
    await declared(async () => {
      isSecret = await pulumi.isSecret(eksService().outputs.kubeconfig as pulumi.Output<unknown>);
    });
    assert.equal(isSecret, true);
  });

  it("returns a rollout that is not secret, so that the stack's outputs are not secret either", async () => {
    let isSecret: boolean | undefined;
    await deployed(async () => {
      const [only] = eksService().deployments;
      assert.ok(only);
      isSecret = await pulumi.isSecret(only.rollout);
    });
    assert.equal(isSecret, false);
  });
});
