import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { AfterReady } from "../../support/ecs-program";
import { eksService } from "../../support/eks-program";
import { declared, deployed } from "../../support/mock-cloud";
import type { PlanUnderTest } from "../../support/plan-under-test";

const promiseOf = (output: object) => (output as { promise(): Promise<unknown> }).promise();

describe("EksService", () => {
  let plain: PlanUnderTest;
  before(async () => {
    plain = await declared(() => {
      const { running } = eksService();
      for (const { ready } of running) new AfterReady(ready);
    });
  });

  it("has all its parts below itself", () => {
    const parts = plain.plan.resources.filter(({ type }) => /^(aws|kubernetes|eks|pulumi:providers):/.test(type));
    assert.ok(parts.length > 15);
    for (const part of parts)
      assert.equal(plain.parentOf(part), "inference:aws:EksService", `${part.type} ${part.name}`);
  });

  it("opens one port between the load balancer and the pods, by rules that stand alone", () => {
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

  it("makes traffic wait for the deployment", () =>
    assert.ok(plain.dependsOn(plain.one("test:index:AfterReady"), plain.one("kubernetes:apps/v1:Deployment"))));

  it("shares all but the pods' own parts between variants", async () => {
    const variant = (name: string) => ({
      name,
      image: { reference: `repository@sha256:${name}` },
      firstReplicas: 1,
      targetGroupArn: `arn:of:${name}`,
    });
    const two = await declared(() => void eksService({}, { variants: [variant("blue"), variant("green")] }));
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

  it("says where a variant and its cluster are found", async () => {
    const plan = await declared(() => {
      const { running, outputs } = eksService();
      return { found: running[0]?.found, access: outputs.kubectlAccess };
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

  describe("is ready", () => {
    const counting = (counts: number[]) => {
      const asked: string[] = [];
      const healthyTargets = async (arn: string) => {
        asked.push(arn);
        return counts.shift() ?? 0;
      };
      return { asked, reader: { healthyTargets } };
    };

    it("once as many pods as are needed are healthy behind the load balancer", async () => {
      const { asked, reader } = counting([3]);
      let resolved: unknown;
      await deployed(async () => {
        const variants = [{ name: "eks", image: { reference: "r" }, firstReplicas: 3, targetGroupArn: "arn:g" }];
        const [only] = eksService({}, { reader, variants }).running;
        assert.ok(only);
        resolved = await promiseOf(only.ready);
      });
      assert.ok(resolved);
      assert.deepEqual(asked, ["arn:g"]);
    });

    it("never when the load balancer cannot be asked", async () => {
      let reason = "";
      await deployed(async () => {
        const [only] = eksService({}).running;
        assert.ok(only);
        await promiseOf(only.ready).catch((error: Error) => {
          reason = error.message;
        });
      }).catch(() => {});
      assert.match(reason, /the load balancer was asked/);
    });

    it("in a preview, in which nobody is asked", async () => {
      await declared(() => void eksService({}));
    });
  });
});
