import assert from "node:assert/strict";
import type { Settings } from "../../../components/settings";
import { ofType, type Plan, type PlannedResource } from "../../../tools/offline";

interface Forward {
  readonly targetGroupArn?: string;
  readonly forward?: { readonly targetGroups: readonly { readonly arn: string; readonly weight: number }[] };
}

const targetGroup = "aws:lb/targetGroup:TargetGroup";
const listenerRule = "aws:lb/listenerRule:ListenerRule";

/** Facts that hold for every plan of the program, whatever its configuration. */
export function judgePlan(plan: Plan, settings: Settings): void {
  assert.equal(plan.outputs.target, settings.target);
  assert.deepEqual(twice(plan.resources.map(({ urn }) => urn)), [], "each urn once");
  assert.deepEqual(
    plan.logs.filter(({ severity }) => severity === "error"),
    [],
  );
  for (const resource of plan.resources) judgeInputs(resource);
  if (settings.place === "aws") {
    judgeTraffic(plan, settings);
    judgeReplicas(plan, settings);
    judgeTasks(plan);
  }
}

const twice = (all: readonly unknown[]) => all.filter((one, index) => all.indexOf(one) < index);

/** An output inside a text, or a missing part of a name. */
function judgeInputs({ type, name, inputs }: PlannedResource): void {
  const text = JSON.stringify(inputs);
  assert.doesNotMatch(
    text,
    /Calling \[to(String|JSON)\]|\[object Object\]|[/:-]undefined\b|\bNaN\b/,
    `${type} ${name}`,
  );
}

const forwards = ({ inputs }: PlannedResource) =>
  (inputs.actions as Forward[]).flatMap(({ targetGroupArn, forward }) => [
    ...(targetGroupArn === undefined ? [] : [{ arn: targetGroupArn, weight: 100 }]),
    ...(forward?.targetGroups ?? []),
  ]);

/** One public rule with the declared weights; each variant has a group, a header rule and replicas behind it. */
function judgeTraffic(plan: Plan, settings: Settings): void {
  const rules = ofType(plan, listenerRule);
  const priorities = rules.map(({ inputs }) => `${inputs.listenerArn} ${inputs.priority}`);
  assert.deepEqual(twice(priorities), [], "a priority once on a listener");
  const { variants } = settings.model;
  const groups = new Map(ofType(plan, targetGroup).map((group) => [group.name, group]));
  assert.equal(groups.size, variants.length, "a target group for each variant");
  const open = rules.filter(({ name }) => name.endsWith("-public"));
  assert.equal(open.length, 1, "one public rule");
  const shares = open.flatMap(forwards);
  assert.equal(
    shares.reduce((sum, { weight }) => sum + weight, 0),
    100,
    "weights sum to 100",
  );
  const headers = rules.filter(({ name }) => name.endsWith("-header"));
  const declared = plan.outputs.variants as readonly { readonly name: string }[];
  assert.deepEqual(declared.map(({ name }) => name).sort(), variants.map(({ name }) => name).sort());
  const arns = headers.flatMap(forwards).map(({ arn }) => arn);
  assert.deepEqual(twice(arns), []);
  assert.equal(arns.length, variants.length, "a header rule for each variant");
  for (const { arn } of shares) assert.ok(arns.includes(arn), `${arn} has a header rule`);
  const weights = shares.map(({ weight }) => weight).filter((weight) => weight > 0);
  assert.deepEqual(
    weights.sort(),
    variants
      .map(({ weight }) => weight)
      .filter((weight) => weight > 0)
      .sort(),
  );
  judgeTargets(plan, arns);
}

/** Every group has an ECS service or pods behind it. */
function judgeTargets(plan: Plan, arns: readonly string[]): void {
  const ofEcs = ofType(plan, "aws:ecs/service:Service").flatMap(({ inputs }) =>
    (inputs.loadBalancers as { readonly targetGroupArn: string }[]).map((each) => each.targetGroupArn),
  );
  const ofEks = plan.resources
    .filter(({ type }) => type.endsWith(":TargetGroupBinding"))
    .map(({ inputs }) => (inputs.spec as { readonly targetGroupARN: string }).targetGroupARN);
  assert.deepEqual([...ofEcs, ...ofEks].sort(), [...arns].sort(), "replicas behind each target group");
}

function judgeReplicas(plan: Plan, { replicas, schedule }: Settings): void {
  const most = Math.max(replicas.max, ...Object.values(schedule).map(({ max }) => max));
  for (const { name, inputs } of ofType(plan, "aws:appautoscaling/target:Target")) {
    const [min, max] = [Number(inputs.minCapacity), Number(inputs.maxCapacity)];
    assert.ok(min <= max && max <= most, `${name}: ${min} to ${max}`);
  }
  for (const { name, inputs } of plan.resources.filter(({ type }) => type.endsWith(":HorizontalPodAutoscaler"))) {
    const { minReplicas, maxReplicas } = inputs.spec as { readonly minReplicas: number; readonly maxReplicas: number };
    assert.ok(minReplicas <= maxReplicas && maxReplicas <= most, `${name}: ${minReplicas} to ${maxReplicas}`);
  }
}

/** The containers of a task take no more than the task has, and no variable twice. */
function judgeTasks(plan: Plan): void {
  interface Container {
    readonly name: string;
    readonly cpu?: number;
    readonly memory?: number;
    readonly environment?: readonly { readonly name: string }[];
    readonly secrets?: readonly { readonly name: string }[];
  }
  for (const { inputs } of ofType(plan, "aws:ecs/taskDefinition:TaskDefinition")) {
    const containers = JSON.parse(String(inputs.containerDefinitions)) as Container[];
    assert.deepEqual(twice(containers.map(({ name }) => name)), [], "a container once");
    const sum = (values: readonly (number | undefined)[]) => values.reduce<number>((all, value = 0) => all + value, 0);
    assert.ok(sum(containers.map(({ cpu }) => cpu)) <= Number(inputs.cpu), "cpu of the task");
    assert.ok(sum(containers.map(({ memory }) => memory)) <= Number(inputs.memory), "memory of the task");
    for (const { name, environment = [], secrets = [] } of containers)
      assert.deepEqual(twice([...environment, ...secrets].map((each) => each.name)), [], `variables of ${name}`);
  }
}
