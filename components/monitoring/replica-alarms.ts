import type { Alarm, Signal } from "./alarm";

/** A metric of a platform, without the dimensions that name the replicas. */
export type UseMetric = Pick<Signal, "namespace" | "metric">;

const quarterHour = { periodSeconds: 60, breaches: 15, periods: 15, missingData: "notBreaching" } as const;
const warning = { urgency: "warning", rollsBack: false } as const;

/** CPU and memory have other metric names on each platform and the same meaning. */
const full = ({ namespace, metric }: UseMetric) =>
  ({
    ...quarterHour,
    ...warning,
    signals: [{ id: "used", namespace, metric, statistic: "Average" }],
    expression: "used",
    unit: " %",
    comparison: "above",
  }) as const;

export const cpuAlarm = (metric: UseMetric): Alarm => ({
  ...full(metric),
  name: "cpu",
  measures: "CPU of all replicas",
  threshold: 90,
  advice: "Scaling should have added replicas: replicas.max is reached, or there is no room for more.",
  section: "Slow answers",
});

export const memoryAlarm = (metric: UseMetric): Alarm => ({
  ...full(metric),
  name: "memory",
  measures: "Memory of all replicas",
  threshold: 85,
  advice: "The next large request may end a replica: raise memory.",
  section: "Out of memory",
});

/** The metrics that filters make of the container's own log lines. */
export const logMetrics = {
  FatalLines: '{ $.level = "fatal" }',
  Starts: '{ $.msg = "ready" }',
  Goodbyes: '{ $.msg = "shutting down" }',
} as const;

/** Alarms on log lines, the same on ECS and EKS. */
export function logAlarms(namespace: string, mostReplicas: number): Alarm[] {
  const sum = (id: string, metric: keyof typeof logMetrics): Signal => ({ id, namespace, metric, statistic: "Sum" });
  const once = {
    ...warning,
    missingData: "notBreaching",
    comparison: "above",
    breaches: 1,
    periods: 1,
    unit: "",
  } as const;
  return [
    {
      ...once,
      name: "fatal",
      signals: [sum("fatal", "FatalLines")],
      expression: "fatal",
      measures: "Fatal lines in the log",
      threshold: 0,
      periodSeconds: 300,
      advice: "A container gave up at its start, and the line says why: a model or a setting that it cannot use.",
      section: "It does not start",
    },
    {
      ...once,
      name: "crashing",
      signals: [sum("starts", "Starts"), sum("goodbyes", "Goodbyes")],
      // Regular starts and shutdowns cancel out up to replicas.max; the rest are crashes.
      expression: "FILL(starts, 0) - FILL(goodbyes, 0)",
      measures: "Starts without a shutdown before them",
      threshold: mostReplicas,
      periodSeconds: 3600,
      advice:
        "Replicas end without a shutdown, usually because memory runs out: see why tasks stopped, or run kubectl describe pod.",
      section: "Out of memory",
    },
  ];
}
