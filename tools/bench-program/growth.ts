import * as aws from "@pulumi/aws";
import { evaluate, evaluateStack, type Plan } from "../offline";
import { paperCloud } from "../offline/cloud";

/** The dev stack with so many variants on ECS. */
export function withVariants(count: number): Promise<Plan> {
  const names = Array.from({ length: count }, (_, index) => `v${index + 1}`);
  const share = Math.floor(100 / count);
  const weight = (index: number) => (index === 0 ? 100 - share * (count - 1) : share);
  const variants = Object.fromEntries(names.map((name, index) => [name, { target: "ecs", weight: weight(index) }]));
  return evaluateStack("dev", { overrides: { "inference:target": "variants", "inference:variants": variants } });
}

const alarmTypes = {
  "aws:cloudwatch/metricAlarm:MetricAlarm": aws.cloudwatch.MetricAlarm,
  "aws:cloudwatch/compositeAlarm:CompositeAlarm": aws.cloudwatch.CompositeAlarm,
};

const isAlarm = ({ type }: { readonly type: string }) => type in alarmTypes;

/** How many there are besides alarms, which each variant has of its own. */
export const countWithoutAlarms = ({ resources }: Plan) => resources.filter((resource) => !isAlarm(resource)).length;

/** A plan's alarms declared once more, by themselves, from what became of their inputs: what they take of an evaluation, or a little less. */
export function alarmsAlone({ resources }: Plan): Promise<Plan> {
  const alarms = resources.filter(isAlarm);
  const declare = () => {
    for (const { type, name, inputs } of alarms) new alarmTypes[type as keyof typeof alarmTypes](name, inputs as never);
  };
  return evaluate(declare, { project: "alarms", stack: "bench", config: {}, cloud: paperCloud("us-east-1") });
}

const ofVariant = /-v\d+(-|$)/;

/** Type and name of what belongs to no variant. */
export const shared = ({ resources }: Plan) =>
  resources
    .filter(({ name }) => !ofVariant.test(name))
    .map(({ type, name }) => `${type} ${name}`)
    .sort();

/** What each further variant adds, on the way from one count to another. */
export const perVariant = (from: { count: number; value: number }, to: { count: number; value: number }) =>
  (to.value - from.value) / (to.count - from.count);
