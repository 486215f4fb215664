import assert from "node:assert/strict";
import type { Entry } from "../../fakes/account";
import { isRecord, nameOf, recordsIn, typeOf } from "../../fakes/values";
import { capHealth } from "./account-api/health";
import type { Result } from "./runner";
import type { Sandbox } from "./sandbox";

export const service = "aws:ecs/service:Service";
export const deployment = "kubernetes:apps/v1:Deployment";
export const rule = "aws:lb/listenerRule:ListenerRule";
const group = "aws:lb/targetGroup:TargetGroup";
export const autoscaler = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler";

/** Shorter deregistration delay (2 s instead of 30) and the margin of the program. */
const drainSeconds = 2 + 5;

/** Alarms that page when replicas are missing. */
const pages = [
  ["aws:cloudwatch/metricAlarm:MetricAlarm", /-too-few-healthy$/],
  ["aws:cloudwatch/compositeAlarm:CompositeAlarm", /-(?:ecs|eks|blue)-page$/],
] as const;

/** Monitoring of a variant, on either platform. */
const monitoringTypes = [
  "aws:cloudwatch/compositeAlarm:CompositeAlarm",
  "aws:cloudwatch/logGroup:LogGroup",
  "aws:cloudwatch/logMetricFilter:LogMetricFilter",
  "aws:cloudwatch/metricAlarm:MetricAlarm",
];
export const ecsSide = [
  "aws:appautoscaling/policy:Policy",
  "aws:appautoscaling/target:Target",
  ...monitoringTypes,
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
export const eksSide = [
  ...monitoringTypes,
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

/** Flips the target of stack dev, and reads from the journal what happened. */
export class Flips {
  constructor(private readonly sandbox: Sandbox) {
    sandbox.edit("components/core/service-spec.ts", "const usualDeregistration = 30", "const usualDeregistration = 2");
    sandbox.edit("components/eks-service/rollout.ts", "const holdSeconds = 120", "const holdSeconds = 2");
    sandbox.edit(
      "components/traffic/other-variants.ts",
      "const shortPatienceSeconds = 60",
      "const shortPatienceSeconds = 2",
    );
  }

  async to(target: string, keys: Readonly<Record<string, unknown>> = {}): Promise<Result & { mark: number }> {
    this.sandbox.configure("dev", { "inference:target": target, ...keys });
    const mark = this.sandbox.mark();
    return { ...(await this.sandbox.up()), mark };
  }

  since(mark: number, phase: Entry["phase"], op: Entry["op"], type: string, name = /./): Entry {
    const found = this.sandbox.account
      .entries()
      .slice(mark)
      .find((one) => one.phase === phase && one.op === op && typeOf(one.urn) === type && name.test(nameOf(one.urn)));
    assert.ok(found, `no ${phase} of ${op} ${type} ${name}`);
    return found;
  }

  typesOf(mark: number, op: "create" | "update" | "delete") {
    const changes = this.sandbox.changesSince(mark).filter((change) => change.startsWith(op));
    return [...new Set(changes.map((change) => change.split(" ")[1] ?? ""))].sort();
  }

  /** Changes a resource outside Pulumi, as scaling does. */
  scale(type: string, properties: Record<string, unknown>): void {
    const [held] = this.sandbox.account.of(type);
    assert.ok(held, `there is no ${type}`);
    this.sandbox.account.drift(held.urn, properties);
  }

  /** Live weights of the public rule, by variant. */
  weights(): Record<string, number> {
    const [held, ...others] = this.sandbox.account.of(rule).filter(({ name }) => name.endsWith("-public"));
    assert.ok(held && others.length === 0, "expected exactly one public rule");
    const forward = recordsIn(held.inputs.actions).flatMap(({ forward: one }) => (isRecord(one) ? [one] : []));
    const groups = forward.flatMap(({ targetGroups }) => recordsIn(targetGroups));
    const nameOfGroup = (arn: unknown) => this.sandbox.account.of(group).find(({ id }) => id === arn)?.name;
    return Object.fromEntries(groups.map(({ arn, weight }) => [nameOfGroup(arn)?.split("-").pop(), Number(weight)]));
  }

  /** Changes the live weights outside Pulumi, as a person in the console does. */
  setWeights(weights: Readonly<Record<string, number>>): void {
    const held = this.sandbox.account.of(rule).find(({ name }) => name.endsWith("-public"));
    assert.ok(held);
    const targetGroups = Object.entries(weights).map(([name, weight]) => {
      const found = this.sandbox.account.of(group).find((one) => one.name.endsWith(`-${name}`));
      return { arn: found?.id, weight };
    });
    const actions = recordsIn(held.inputs.actions).map((action) =>
      action.type === "forward" ? { ...action, forward: { targetGroups } } : action,
    );
    this.sandbox.account.drift(held.urn, { actions });
  }

  /** The autoscaler's minimum. */
  minPods(): unknown {
    const [scaler] = this.sandbox.account.of(autoscaler);
    return (scaler?.inputs.spec as { minReplicas?: number } | undefined)?.minReplicas;
  }

  pods(): unknown {
    const [held] = this.sandbox.account.of(deployment);
    return (held?.inputs.spec as { replicas?: number } | undefined)?.replicas;
  }

  /** Sets the replicas of the Deployment, as the autoscaler does. */
  scalePods(replicas: number): void {
    this.scale(deployment, { spec: { ...(this.sandbox.account.of(deployment)[0]?.inputs.spec as object), replicas } });
  }

  /** Scales the pods in to this minimum, as without load. */
  letIdle(minReplicas: number): void {
    this.scale(autoscaler, {
      spec: { ...(this.sandbox.account.of(autoscaler)[0]?.inputs.spec as object), minReplicas },
    });
    this.scalePods(minReplicas);
  }

  publicGroups(): string {
    const held = this.sandbox.account.of(rule).find(({ name }) => name.endsWith("-public"));
    return JSON.stringify(held?.inputs.actions);
  }

  /** The order of every flip: create the new side, move traffic, wait for the drain, delete the old side. */
  assertOrder(mark: number, newType: string, oldType: string): void {
    const moved = this.since(mark, "end", "update", rule, /-public$/);
    const moving = this.since(mark, "begin", "update", rule, /-public$/);
    assert.ok(this.since(mark, "end", "create", newType).atMs <= moving.atMs);
    const pause = this.since(mark, "begin", "delete", oldType).atMs - moved.atMs;
    assert.ok(pause >= drainSeconds * 1000, `the old side was deleted ${pause} ms after the traffic moved`);
    assert.ok(this.since(mark, "end", "delete", oldType).atMs <= this.since(mark, "begin", "delete", group).atMs);
    for (const [type, name] of pages) {
      assert.ok(
        this.since(mark, "begin", "create", type, name).atMs >= moved.atMs,
        `${name} was created before the traffic moved`,
      );
      const deleted = this.since(mark, "end", "delete", type, name);
      assert.ok(
        deleted.atMs <= this.since(mark, "begin", "delete", oldType).atMs,
        `${name} was deleted after its replicas`,
      );
    }
  }

  /** Eight replicas serve: with seven healthy new ones the traffic stays for longer than a poll of the program; with eight it moves. */
  async assertWaitsForEight(target: "ecs" | "eks", newType: string): Promise<Result & { mark: number }> {
    capHealth(this.sandbox.account, { [`inference-${target}`]: 7 });
    const mark = this.sandbox.mark();
    const flip = this.to(target);
    await this.sandbox.waitFor(
      `the creation of ${newType}`,
      (entry, index) =>
        index >= mark && entry.phase === "end" && entry.op === "create" && typeOf(entry.urn) === newType,
    );
    const before = this.publicGroups();
    await new Promise((resolve) => setTimeout(resolve, 8_000));
    assert.equal(this.publicGroups(), before, "traffic moved to seven where eight served");
    capHealth(this.sandbox.account, {});
    const result = await flip;
    assert.equal(result.code, 0, result.output);
    return result;
  }
}
