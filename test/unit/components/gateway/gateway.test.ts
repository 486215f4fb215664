import assert from "node:assert/strict";
import { gateway, serving } from "../../support/gateway-program";
import type { PlanUnderTest } from "../../support/plan-under-test";

const rule = "aws:lb/listenerRule:ListenerRule";
const ingress = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
const group = "aws:lb/targetGroup:TargetGroup";
/** What the offline cloud calls it. */
const loadBalancer = "app/inference/696e666572656e63";

describe("Gateway", () => {
  let plain: PlanUnderTest;
  before(async () => {
    plain = await gateway({ ecs: 100 });
  });

  it("is the parent of all its resources", () => {
    const ofOthers = ["inference-public", "inference-ecs-header", group, serving];
    const parts = plain.plan.resources
      .filter(({ type }) => type.startsWith("aws:"))
      .filter(({ type, name }) => ![type, name].some((each) => ofOthers.includes(each)));
    assert.equal(parts.length, 5);
    for (const part of parts) assert.equal(plain.parentOf(part), "inference:aws:Gateway", part.name);
  });

  it("creates one public load balancer in the public subnets", () => {
    const { inputs } = plain.one("aws:lb/loadBalancer:LoadBalancer");
    assert.deepEqual([inputs.loadBalancerType, inputs.subnets], ["application", ["subnet-a", "subnet-b"]]);
    assert.notEqual(inputs.internal, true);
    assert.deepEqual(inputs.securityGroups, ["inference-gateway-id"]);
  });

  it("gives a target group a name that AWS accepts, however long the variant's name is", async () => {
    const { plan } = await gateway({ "a-second-canary": 100 });
    const [own] = plan.resources.filter(({ type }) => type === group);
    assert.match(own?.name ?? "", /^inference-a-secon-[0-9a-f]{6}$/);
  });

  it("replaces a variant's target group when its target requires it: a cluster's controller empties a shared one", async () => {
    const attachment = { replacementTrigger: "one-cluster", tags: {} };
    const own = await gateway({ blue: 100 }, {}, undefined, attachment);
    assert.deepEqual(own.one(group).options.replacementTrigger, [loadBalancer, "one-cluster", "/ready"]);
  });

  it("drops malformed headers, and closes an idle connection before the server does", () => {
    const { inputs } = plain.one("aws:lb/loadBalancer:LoadBalancer");
    assert.deepEqual([inputs.dropInvalidHeaderFields, inputs.desyncMitigationMode], [true, "defensive"]);
    assert.ok(Number(inputs.idleTimeout) < 75, "the server keeps connections for 75 s");
  });

  it("waits for data as long as the stack says", async () => {
    const own = await gateway({ ecs: 100 }, { container: { platformPaths: [], idleSeconds: 300 } });
    assert.equal(own.one("aws:lb/loadBalancer:LoadBalancer").inputs.idleTimeout, 300);
  });

  it("protects the load balancer on AWS and in Pulumi when protect is true", async () => {
    for (const protect of [true, false]) {
      const { inputs, options } = (await gateway({ ecs: 100 }, { protect })).one("aws:lb/loadBalancer:LoadBalancer");
      assert.deepEqual([inputs.enableDeletionProtection, options.protect], [protect, protect]);
    }
  });

  it("protects no resource of a target, because a flip deletes them after the traffic has moved", async () => {
    const own = await gateway({ ecs: 100 }, { protect: true });
    const protectedNames = own.plan.resources.filter(({ options }) => options.protect).map(({ type }) => type);
    assert.deepEqual(protectedNames, ["aws:lb/loadBalancer:LoadBalancer"]);
  });

  it("warns that requests travel over plain HTTP", () =>
    assert.deepEqual(plain.said("warning"), [
      "there is no domain, so requests travel over plain HTTP: send nothing confidential",
    ]));

  it("has the load balancer's DNS name as URL without a domain", () =>
    assert.equal(plain.outputs.url, "http://inference-1234567890.eu-west-1.elb.amazonaws.com"));

  it("outputs each variant with its weight, its header and its target group", () => {
    const [{ targetGroupArn, ...variant }] = plain.outputs.variants as [{ targetGroupArn: string }];
    assert.deepEqual(variant, { name: "ecs", target: "ecs", weight: 100, header: "x-variant: ecs" });
    assert.match(targetGroupArn, /^arn:aws:elasticloadbalancing:.*:targetgroup\/inference-ecs\//);
  });

  describe("ingress rules", () => {
    it("allow each block of ingressCidrs on the listener's port only", async () => {
      const own = await gateway({ ecs: 100 }, { ingressCidrs: ["10.0.0.0/8", "192.0.2.0/24"] });
      const open = own
        .all(ingress)
        .map(({ inputs }) => [inputs.cidrIpv4, inputs.fromPort, inputs.toPort, inputs.ipProtocol]);
      assert.deepEqual(open, [
        ["10.0.0.0/8", 80, 80, "tcp"],
        ["192.0.2.0/24", 80, 80, "tcp"],
      ]);
      assert.equal(own.one("aws:lb/listener:Listener").inputs.port, 80);
    });

    it("allow nobody when ingressCidrs is empty", async () =>
      assert.deepEqual((await gateway({ ecs: 100 }, { ingressCidrs: [] })).all(ingress), []));

    it("are standalone rules, not inline ones", () => {
      const { inputs } = plain.one("aws:ec2/securityGroup:SecurityGroup");
      assert.deepEqual([inputs.ingress, inputs.egress], [undefined, undefined]);
    });
  });

  describe("listener", () => {
    it("responds 404 to requests that match no rule", () => {
      const { defaultActions } = plain.one("aws:lb/listener:Listener").inputs;
      const [action] = defaultActions as { type: string; fixedResponse: { statusCode: string } }[];
      assert.deepEqual([action?.type, action?.fixedResponse.statusCode], ["fixed-response", "404"]);
    });

    it("hides the platform's paths before any other rule", () => {
      const { inputs } = plain.one(rule, "inference-hidden");
      assert.equal(inputs.priority, 1);
      assert.deepEqual(inputs.conditions, [{ pathPattern: { values: ["/metrics", "/ready", "/ping"] } }]);
      assert.deepEqual(inputs.actions, plain.one("aws:lb/listener:Listener").inputs.defaultActions);
      for (const other of plain.all(rule).filter(({ name }) => name !== "inference-hidden")) {
        assert.ok(Number(other.inputs.priority) > 1, other.name);
      }
    });
  });

  describe("VariantRoute", () => {
    it("creates a target group of type ip whose health check is /ready, which runs no inference", () => {
      const { inputs } = plain.one(group, "inference-ecs");
      assert.deepEqual([inputs.targetType, inputs.port, inputs.protocol], ["ip", 8080, "HTTP"]);
      const { path, matcher } = inputs.healthCheck as Record<string, unknown>;
      assert.deepEqual([path, matcher], ["/ready", "200"]);
    });

    it("leaves the target group's name to Pulumi, so that a replacement can exist beside it", () =>
      assert.equal("name" in plain.one(group).inputs, false));

    it("sets the deregistration delay, so that a stopping replica can finish its requests", () =>
      assert.equal(plain.one(group).inputs.deregistrationDelay, 30));

    it("replaces the target group when the readiness path changes: in place, replicas with the old one would turn unhealthy", () =>
      assert.deepEqual(plain.one(group).options.replacementTrigger, [loadBalancer, "ecs", "/ready"]));

    it("tags the target group as the target requires", () =>
      assert.deepEqual(plain.one(group).inputs.tags, { registrable: "by-us" }));

    it("routes each request to the replica with the fewest open requests", () =>
      assert.equal(plain.one(group).inputs.loadBalancingAlgorithmType, "least_outstanding_requests"));

    it("attaches the target group by a rule on the variant's header, before the public rule", async () => {
      const own = await gateway({ ecs: 50, eks: 50 });
      for (const variant of ["ecs", "eks"]) {
        const header = own.one(rule, `inference-${variant}-header`);
        assert.deepEqual(header.inputs.conditions, [
          { httpHeader: { httpHeaderName: "x-variant", values: [variant] } },
        ]);
        assert.ok(Number(header.inputs.priority) < Number(own.one(rule, "inference-public").inputs.priority));
        assert.ok(own.dependsOn(header, own.one(group, `inference-${variant}`)));
      }
    });

    it("has the dimensions of CloudWatch: ARN suffixes, not ARNs", () => {
      const [route] = plain.outputs.suffixes as Record<string, string>[];
      assert.match(route?.targetGroupArnSuffix ?? "", /^targetgroup\//);
      assert.match(route?.loadBalancerArnSuffix ?? "", /^app\//);
    });
  });
});
