import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Entry } from "../standins/account";
import { nameOf, typeOf } from "../standins/values";
import { capHealth } from "../support/engine/aws-api";
import { projectRoot } from "../support/engine/cli";
import type { Lab } from "../support/engine/lab";
import { describeWithEngine } from "../support/engine/suite";

const service = "aws:ecs/service:Service";
const deployment = "kubernetes:apps/v1:Deployment";
const rule = "aws:lb/listenerRule:ListenerRule";
const group = "aws:lb/targetGroup:TargetGroup";

/** The delay of the product is half a minute; the order of things is the same with a shorter one. */
const settleSeconds = 2 + 5;

/** Of a variant and its log, on either platform. */
const seenSide = [
  "aws:cloudwatch/compositeAlarm:CompositeAlarm",
  "aws:cloudwatch/logGroup:LogGroup",
  "aws:cloudwatch/logMetricFilter:LogMetricFilter",
  "aws:cloudwatch/metricAlarm:MetricAlarm",
];
const dashboard = "aws:cloudwatch/dashboard:Dashboard";
const savedQuery = "aws:cloudwatch/queryDefinition:QueryDefinition";

/** What wakes somebody when replicas are missing. */
const pages = [
  ["aws:cloudwatch/metricAlarm:MetricAlarm", /-too-few-healthy$/],
  ["aws:cloudwatch/compositeAlarm:CompositeAlarm", /-(?:ecs|eks)-page$/],
] as const;

const ecsSide = [
  "aws:appautoscaling/policy:Policy",
  "aws:appautoscaling/target:Target",
  ...seenSide,
  "aws:ec2/securityGroup:SecurityGroup",
  "aws:ecs/cluster:Cluster",
  "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders",
  "aws:ecs/service:Service",
  "aws:ecs/taskDefinition:TaskDefinition",
  "aws:iam/role:Role",
  "aws:iam/rolePolicy:RolePolicy",
  "aws:lb/listenerRule:ListenerRule",
  "aws:lb/targetGroup:TargetGroup",
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
];
const eksSide = [
  ...seenSide,
  "aws:eks/addon:Addon",
  "aws:eks/cluster:Cluster",
  "aws:eks/podIdentityAssociation:PodIdentityAssociation",
  "aws:iam/role:Role",
  "aws:iam/rolePolicy:RolePolicy",
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
  "aws:kms/key:Key",
  "aws:lb/listenerRule:ListenerRule",
  "aws:lb/targetGroup:TargetGroup",
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
  "kubernetes:apps/v1:Deployment",
  "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
  "kubernetes:core/v1:ConfigMap",
  "kubernetes:core/v1:Namespace",
  "kubernetes:core/v1:Service",
  "kubernetes:core/v1:ServiceAccount",
  "kubernetes:eks.amazonaws.com/v1:TargetGroupBinding",
  "kubernetes:karpenter.sh/v1:NodePool",
  "kubernetes:networking.k8s.io/v1:NetworkPolicy",
  "kubernetes:policy/v1:PodDisruptionBudget",
];

const readme = () => readFileSync(join(projectRoot, "README.md"), "utf8");

describeWithEngine("A flip between ECS and EKS", (open) => {
  let lab: Lab;

  const flipTo = async (target: string, keys: Record<string, unknown> = {}) => {
    lab.configure("dev", { "inference:target": target, ...keys });
    const mark = lab.mark();
    const { code, output } = await lab.up();
    return { code, output, mark };
  };
  const since = (mark: number, phase: Entry["phase"], op: Entry["op"], type: string, name = /./) => {
    const found = lab.account
      .entries()
      .slice(mark)
      .find((one) => one.phase === phase && one.op === op && typeOf(one.urn) === type && name.test(nameOf(one.urn)));
    assert.ok(found, `no ${phase} of ${op} ${type} ${name}`);
    return found;
  };
  const typesOf = (mark: number, op: "create" | "update" | "delete") =>
    [
      ...new Set(
        lab
          .changesSince(mark)
          .filter((change) => change.startsWith(op))
          .map((change) => change.split(" ")[1]),
      ),
    ].sort();
  const scale = (type: string, properties: Record<string, unknown>) => {
    const [held] = lab.account.of(type);
    assert.ok(held, `there is no ${type}`);
    lab.account.drift(held.urn, properties);
  };
  const publicGroups = () => {
    const held = lab.account.of(rule).find(({ name }) => name.endsWith("-public"));
    return JSON.stringify(held?.inputs.actions);
  };

  before(async () => {
    lab = await open();
    lab.edit("components/service-spec.ts", "deregistrationSeconds: 30", "deregistrationSeconds: 2");
    await lab.createStack("dev", { "inference:replicas": { max: 8 } });
    const { code, output } = await lab.up();
    assert.equal(code, 0, output);
  });

  /** What both flips have in common: the newcomer first, then the traffic, then a pause, then the old side. */
  const assertOrder = (mark: number, newcomer: string, leaver: string) => {
    const moved = since(mark, "end", "update", rule, /-public$/);
    assert.ok(since(mark, "end", "create", newcomer).atMs <= since(mark, "begin", "update", rule, /-public$/).atMs);
    const pause = since(mark, "begin", "delete", leaver).atMs - moved.atMs;
    assert.ok(pause >= settleSeconds * 1000, `the old side went ${pause} ms after the traffic`);
    assert.ok(since(mark, "end", "delete", leaver).atMs <= since(mark, "begin", "delete", group).atMs);
    for (const [type, name] of pages) {
      assert.ok(since(mark, "begin", "create", type, name).atMs >= moved.atMs, `${name} before callers came`);
      const gone = since(mark, "end", "delete", type, name);
      assert.ok(gone.atMs <= since(mark, "begin", "delete", leaver).atMs, `${name} while its replicas went`);
    }
  };

  describe("to EKS, with eight tasks on ECS", () => {
    let mark: number;

    before(async () => {
      scale(service, { desiredCount: 8 });
      const flip = await flipTo("eks");
      assert.equal(flip.code, 0, flip.output);
      mark = flip.mark;
    });

    it("starts as many pods as there were tasks", () => {
      const [held] = lab.account.of(deployment);
      assert.ok(held);
      assert.equal((held.inputs.spec as { replicas: number }).replicas, 8);
    });

    it("moves the traffic once the pods are there, and removes ECS once it is empty", () =>
      assertOrder(mark, deployment, service));

    it("creates the one side and deletes the other, and of what they share changes where traffic goes and what is shown", () => {
      assert.deepEqual(typesOf(mark, "create"), eksSide);
      assert.deepEqual(typesOf(mark, "delete"), ecsSide);
      assert.deepEqual(typesOf(mark, "update"), [dashboard, savedQuery, rule]);
    });

    it("is what README shows of its preview, resource by resource", () => {
      const [, block = ""] = /pulumi preview<\/code> says of it[\s\S]*?```\n([\s\S]*?)```/.exec(readme()) ?? [];
      const shown = [...block.matchAll(/^ [-+~] {2}(\S+) (\S+) (create|update|delete)/gm)]
        .filter(([, type = ""]) => !/^(inference|eks|pulumi):/.test(type))
        .map(([, type, name, op]) => `${op} ${type} ${name}`);
      // The CLI leaves out the module's second half.
      const changed = lab.changesSince(mark).map((change) => change.replace(/ aws:(\w+)\/\w+:/, " aws:$1:"));
      assert.deepEqual(shown.sort(), changed.sort());
    });

    it("changes nothing when it is run again", async () => {
      const again = lab.mark();
      const { code, output } = await lab.up("--expect-no-changes");
      assert.equal(code, 0, output);
      assert.deepEqual(lab.changesSince(again), []);
    });
  });

  describe("back to ECS", () => {
    it("leaves EKS serving when ECS never gets healthy, says why, and says it again", async () => {
      const before = publicGroups();
      lab.orders({
        name: "inference-ecs",
        type: service,
        op: "create",
        does: "failDeployment",
        message: "no capacity",
      });
      for (const attempt of ["first", "second"]) {
        const { code, output } = await flipTo("ecs");
        assert.notEqual(code, 0, attempt);
        assert.match(output, /inference-ecs-\w+ failed to deploy/, attempt);
        assert.equal(publicGroups(), before, attempt);
        assert.equal(lab.account.of(deployment).length, 1, attempt);
      }
      lab.orders();
    });

    it("moves only once as many are healthy as EKS runs", async () => {
      const first = await flipTo("eks");
      assert.equal(first.code, 0, first.output);
      capHealth(lab.account, { "inference-ecs": 7 });
      const mark = lab.mark();
      lab.configure("dev", { "inference:target": "ecs" });
      const flip = lab.up();
      await lab.waitFor(
        "the service",
        (entry, index) =>
          index >= mark && entry.phase === "end" && entry.op === "create" && typeOf(entry.urn) === service,
      );
      const before = publicGroups();
      await new Promise((resolve) => setTimeout(resolve, 8_000));
      assert.equal(publicGroups(), before, "traffic moved to seven where eight served");
      capHealth(lab.account, {});
      const { code, output } = await flip;
      assert.equal(code, 0, output);
      assert.match(output, /8 of 8 tasks run, 7 of 8 are healthy/);
      assertOrder(mark, service, deployment);
    });
  });

  describe("to both and on", () => {
    it("adds EKS at its weight and takes nothing away", async () => {
      const { code, output, mark } = await flipTo("both");
      assert.equal(code, 0, output);
      assert.deepEqual(typesOf(mark, "delete"), []);
      assert.deepEqual(typesOf(mark, "create"), eksSide);
      assert.match(publicGroups(), /"weight":50.*"weight":50/);
    });

    it("shifts weights as a change of one rule, and shows them", async () => {
      const { code, output, mark } = await flipTo("both", { "inference:weights": { ecs: 10, eks: 90 } });
      assert.equal(code, 0, output);
      assert.deepEqual(lab.changesSince(mark).sort(), [
        `update ${dashboard} inference`,
        `update ${rule} inference-public`,
      ]);
    });

    it("starts what the side that gains lacks of what both serve with, before the rule changes", async () => {
      scale(service, { desiredCount: 2 });
      const { code, output, mark } = await flipTo("both", { "inference:weights": { ecs: 60, eks: 40 } });
      assert.equal(code, 0, output);
      const raised = since(mark, "end", "update", service);
      assert.equal(raised.inputs?.desiredCount, 8, "8 pods and 2 tasks served, and the maximum is 8");
      assert.ok(raised.atMs <= since(mark, "begin", "update", rule, /-public$/).atMs);
      assert.match(publicGroups(), /"weight":60.*"weight":40/);
    });

    it("goes to EKS alone and removes ECS", async () => {
      const { code, output, mark } = await flipTo("eks");
      assert.equal(code, 0, output);
      assert.match(output, /weights are kept and ignored while target is eks/);
      assert.deepEqual(typesOf(mark, "create"), []);
      assert.deepEqual(typesOf(mark, "delete"), ecsSide);
    });
  });

  describe("at the end", () => {
    it("is destroyed in an order that AWS accepts, with nothing left behind but images", async () => {
      const { code, output } = await lab.pulumi("destroy", "--yes", "--skip-preview", "--suppress-progress");
      assert.equal(code, 0, output);
      const left = lab.account
        .held()
        .map(({ type }) => type)
        .filter((type) => type !== "docker-build:index:Image");
      assert.deepEqual(left, []);
    });
  });
});
