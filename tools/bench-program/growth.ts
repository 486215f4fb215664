import * as pulumi from "@pulumi/pulumi";
import { defaultTarget } from "../../components/targets";
import { evaluateStack, type Plan } from "../offline";

/** The dev stack with so many variants on the default target. */
export function withVariants(count: number): Promise<Plan> {
  const names = Array.from({ length: count }, (_, index) => `v${index + 1}`);
  const share = Math.floor(100 / count);
  const weight = (index: number) => (index === 0 ? 100 - share * (count - 1) : share);
  const variants = Object.fromEntries(
    names.map((name, index) => [name, { target: defaultTarget.name, weight: weight(index) }]),
  );
  return evaluateStack("dev", { overrides: { target: "variants", variants } });
}

/** Replaces an alarm without declaring it: the outputs that the program reads. */
class Undeclared {
  readonly name: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;

  constructor(name: string) {
    this.name = pulumi.output(name);
    this.arn = pulumi.output(`arn:aws:cloudwatch:us-east-1:123456789012:alarm:${name}`);
  }
}

/** Leaves out the time and the resources of alarms, of which each variant has several. */
export async function withoutAlarms<T>(work: () => Promise<T>): Promise<T> {
  // The package's index has only getters, which read these modules.
  const metric: { MetricAlarm: unknown } = require("@pulumi/aws/cloudwatch/metricAlarm");
  const composite: { CompositeAlarm: unknown } = require("@pulumi/aws/cloudwatch/compositeAlarm");
  const [{ MetricAlarm }, { CompositeAlarm }] = [metric, composite];
  metric.MetricAlarm = composite.CompositeAlarm = Undeclared;
  try {
    return await work();
  } finally {
    Object.assign(metric, { MetricAlarm });
    Object.assign(composite, { CompositeAlarm });
  }
}

const ofVariant = /-v\d+(-|$)/;

/** Type and name of the resources that belong to no variant. */
export const shared = ({ resources }: Plan) =>
  resources
    .filter(({ name }) => !ofVariant.test(name))
    .map(({ type, name }) => `${type} ${name}`)
    .sort();

/** The average addition of each further variant between two counts. */
export const perVariant = (from: { count: number; value: number }, to: { count: number; value: number }) =>
  (to.value - from.value) / (to.count - from.count);
