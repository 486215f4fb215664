import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { LogSignal } from "./alarm";
import { alarms } from "./alarms";

export interface LogGroup {
  /** Part of the names of its metric filters. */
  readonly target: string;
  readonly name: pulumi.Input<string>;
}

/** The signals of the alarms on the logs. */
export const logSignals = (): LogSignal[] =>
  alarms.flatMap((alarm) => (alarm.scope === "logs" ? Object.values(alarm.signals) : []));

/** Every log group counts into the same metrics, one for each signal. */
export function createLogMetrics(
  name: string,
  namespace: string,
  groups: readonly LogGroup[],
  inside: pulumi.ResourceOptions,
): void {
  const patterns = new Map(logSignals().map(({ metric, pattern }) => [metric, pattern]));
  for (const group of groups) {
    for (const [metric, pattern] of patterns) {
      new aws.cloudwatch.LogMetricFilter(
        `${name}-${group.target}-${metric.toLowerCase()}`,
        {
          logGroupName: group.name,
          pattern,
          // A zero for every other line: metric maths cannot fill in a metric that was never there.
          metricTransformation: { name: metric, namespace, value: "1", defaultValue: "0" },
        },
        inside,
      );
    }
  }
}

/** Each query reads the logs of all platforms: the container writes the same lines everywhere. */
export const savedQueries: Readonly<Record<string, string>> = {
  "slowest requests": `fields @timestamp, request_id, path, status, seconds, @logStream
| filter msg = "prediction"
| sort seconds desc
| limit 50`,
  "errors by outcome": `filter msg = "prediction" and status >= 500
| stats count(*) as responses by outcome, status
| sort responses desc`,
  "p99 by minute": `filter msg = "prediction" and outcome = "ok"
| stats pct(seconds, 50) as p50, pct(seconds, 99) as p99, count(*) as responses by bin(1m)`,
};

export function saveQueries(
  name: string,
  folder: string,
  groups: readonly LogGroup[],
  inside: pulumi.ResourceOptions,
): void {
  if (groups.length === 0) return;
  for (const [title, queryString] of Object.entries(savedQueries)) {
    new aws.cloudwatch.QueryDefinition(
      `${name}-${title.replaceAll(" ", "-")}`,
      { name: `${folder}/${title}`, queryString, logGroupNames: groups.map((group) => group.name) },
      inside,
    );
  }
}
