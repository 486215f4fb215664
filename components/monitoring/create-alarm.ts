import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { type Alarm, description } from "./alarm";

export type Dimensions = Readonly<Record<string, pulumi.Input<string>>>;

/** The alarm on AWS. What is whose: signals say what is measured, dimensions on which of our things. */
export function createAlarm(
  name: string,
  alarm: Alarm,
  dimensions: Dimensions,
  actions: readonly pulumi.Input<string>[],
  inside: pulumi.ResourceOptions,
  region?: string,
): aws.cloudwatch.MetricAlarm {
  return new aws.cloudwatch.MetricAlarm(
    `${name}-${alarm.name}`,
    {
      ...(region && { region }),
      alarmDescription: description(alarm),
      comparisonOperator: alarm.comparison === "above" ? "GreaterThanThreshold" : "LessThanThreshold",
      threshold: alarm.threshold,
      datapointsToAlarm: alarm.breaches,
      evaluationPeriods: alarm.periods,
      treatMissingData: alarm.missingData,
      ...(alarm.missingData === "breaching" && { warmUpConfiguration: warmUp(alarm) }),
      metricQueries: queries(alarm, dimensions),
      alarmActions: [...actions],
      okActions: [...actions],
    },
    inside,
  );
}

/** What was missing before there was an alarm is no sign of anything: it begins with minutes of its own. */
const warmUp = ({ periods, periodSeconds }: Alarm) => ({
  warmUpPeriodDurationInMinutes: (2 * periods * periodSeconds) / 60,
  onlyStartEvaluatingAfterWarmUpPeriodEnds: true,
});

/** CloudWatch watches the one query that returns data: the expression, or the only signal. */
function queries({ signals, expression, measures, periodSeconds }: Alarm, dimensions: Dimensions) {
  const isPlain = signals.some(({ id }) => id === expression);
  const measured = signals.map(({ id, namespace, metric, statistic }) => ({
    id,
    metric: { namespace, metricName: metric, dimensions: { ...dimensions }, stat: statistic, period: periodSeconds },
    returnData: isPlain,
  }));
  return isPlain ? measured : [...measured, { id: "watched", expression, label: measures, returnData: true }];
}
