import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { LogFormat } from "../core/container";
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

/** What is counted in a log of this format, by the name of the metric. */
export const logPatterns = (format: LogFormat): ReadonlyMap<string, string> =>
  new Map(
    logSignals().flatMap(({ metric, patterns: { [format]: pattern } }) =>
      pattern === undefined ? [] : [[metric, pattern] as const],
    ),
  );

export interface Log {
  readonly format: LogFormat;
  /** Of the metrics, and the folder of the queries. */
  readonly namespace: string;
  readonly groups: readonly LogGroup[];
}

/** Every log group counts into the same metrics, one for each signal. */
export function createLogMetrics(
  name: string,
  { format, namespace, groups }: Log,
  inside: pulumi.ResourceOptions,
): void {
  const patterns = logPatterns(format);
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

/** When each replica wrote its first and its last line: a replica that ended without a reason has a last line to read. */
const replicas = `stats min(@timestamp) as first, max(@timestamp) as last, count(*) as lines by @logStream
| sort first desc
| limit 50`;

const ours = {
  "slowest requests": `fields @timestamp, request_id, path, status, seconds, @logStream
| filter msg = "prediction"
| sort seconds desc
| limit 50`,
  errors: `filter msg = "prediction" and status >= 500
| stats count(*) as responses by outcome, status
| sort responses desc`,
  "p99 by minute": `filter msg = "prediction" and outcome = "ok"
| stats pct(seconds, 50) as p50, pct(seconds, 99) as p99, count(*) as responses by bin(1m)`,
};

/** Each query reads the logs of all platforms: the container writes the same lines everywhere. */
export const savedQueries: Readonly<Record<LogFormat, Readonly<Record<string, string>>>> = {
  ours,
  json: {
    // pino and bunyan write numbers: 50 is error, 60 fatal.
    errors: `fields @timestamp, @message, @logStream
| filter coalesce(level, severity, levelname) like /(?i)^(error|fatal|critical|panic)/ or level >= 50
| sort @timestamp desc
| limit 50`,
    replicas,
  },
  text: {
    errors: `fields @timestamp, @message, @logStream
| filter @message like /(?i)(error|exception|traceback|fatal|critical|panic)/
| sort @timestamp desc
| limit 50`,
    replicas,
  },
};

export function saveQueries(name: string, { format, namespace, groups }: Log, inside: pulumi.ResourceOptions): void {
  if (groups.length === 0) return;
  for (const [title, queryString] of Object.entries(savedQueries[format])) {
    new aws.cloudwatch.QueryDefinition(
      `${name}-${title.replaceAll(" ", "-")}`,
      { name: `${namespace}/${title}`, queryString, logGroupNames: groups.map((group) => group.name) },
      inside,
    );
  }
}
