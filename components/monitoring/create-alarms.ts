import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { type Alarm, description, type Limits, type Scope, thresholdOf, type Urgency } from "./alarm";
import { alarms } from "./alarms";
import type { MetricSource } from "./metrics";

/** Topics by urgency. */
export type Actions = Readonly<Record<Urgency, readonly pulumi.Input<string>[]>>;

export interface CreatedAlarm {
  readonly alarm: Alarm;
  readonly resource: aws.cloudwatch.MetricAlarm;
}

/** The resource on which the alarms of a scope are created. */
export interface Subject {
  /** Prefix of the alarms' names. */
  readonly name: string;
  readonly metrics: MetricSource;
  readonly limits: Limits;
  /** What an alarm notifies by itself: nothing, if a composite alarm pages for it. */
  readonly actions: Actions;
  /** The region of its metrics, when it is not the one of the stack. */
  readonly region?: string;
}

/** The alarms on a variant's target group that roll its deployment back. */
export const createRollbackAlarms = (subject: Subject, inside: pulumi.ResourceOptions): CreatedAlarm[] =>
  alarms.filter(({ rollsBack }) => rollsBack).flatMap((alarm) => createAlarm(alarm, subject, inside));

/** All other alarms of the scope. */
export const createAlarms = (scope: Scope, subject: Subject, inside: pulumi.ResourceOptions): CreatedAlarm[] =>
  alarms
    .filter((alarm) => alarm.scope === scope && !alarm.rollsBack)
    .flatMap((alarm) => createAlarm(alarm, subject, inside));

/** Nothing, if one of its metrics is not published. */
function createAlarm(alarm: Alarm, subject: Subject, inside: pulumi.ResourceOptions): CreatedAlarm[] {
  const { name, limits, region } = subject;
  const metricQueries = queries(alarm, subject.metrics);
  if (metricQueries === undefined) return [];
  const actions = [...subject.actions[alarm.urgency]];
  const resource = new aws.cloudwatch.MetricAlarm(
    `${name}-${alarm.name}`,
    {
      ...(region && { region }),
      alarmDescription: description(alarm, limits),
      comparisonOperator: alarm.comparison === "above" ? "GreaterThanThreshold" : "LessThanThreshold",
      threshold: thresholdOf(alarm, limits),
      datapointsToAlarm: alarm.periods,
      evaluationPeriods: alarm.periods,
      treatMissingData: alarm.missingData,
      ...(alarm.missingData === "breaching" && { warmUpConfiguration: warmUp(alarm) }),
      metricQueries,
      alarmActions: actions,
      okActions: actions,
    },
    inside,
  );
  return [{ alarm, resource }];
}

/** CloudWatch also evaluates the time before the alarm existed. Data that is missing there must not count as breaching. */
const warmUp = ({ periods, periodSeconds }: Alarm) => ({
  warmUpPeriodDurationInMinutes: (2 * periods * periodSeconds) / 60,
  onlyStartEvaluatingAfterWarmUpPeriodEnds: true,
});

/** CloudWatch evaluates the one query that returns data: the formula, or else the only signal. */
function queries({ signals, formula, periodSeconds }: Alarm, metrics: MetricSource) {
  const measured = Object.entries(signals).map(([id, { metric, statistic }]) => {
    const found = metrics(metric);
    if (found === undefined) return undefined;
    const { namespace, metric: metricName, dimensions } = found;
    const measure = { namespace, metricName, dimensions: { ...dimensions }, stat: statistic, period: periodSeconds };
    return { id, metric: measure, returnData: formula === undefined };
  });
  if (!measured.every((query) => query !== undefined)) return undefined;
  return formula === undefined ? measured : [...measured, { id: "watched", ...formula, returnData: true }];
}
