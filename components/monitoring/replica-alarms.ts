import type { Alarm, Signal } from "./alarm";

export interface UseSignals {
  readonly cpuPercent: Pick<Signal, "namespace" | "metric">;
  readonly memoryPercent: Pick<Signal, "namespace" | "metric">;
}

const quarterHour = { periodSeconds: 60, breaches: 15, periods: 15, missingData: "notBreaching" } as const;
const warning = { urgency: "warning", rollsBack: false } as const;

/** What a platform says of a variant's replicas: under which name differs, what it means does not. */
export function useAlarms({ cpuPercent, memoryPercent }: UseSignals): { cpu: Alarm; memory: Alarm } {
  const average = (signal: Pick<Signal, "namespace" | "metric">): readonly Signal[] => [
    { id: "used", namespace: signal.namespace, metric: signal.metric, statistic: "Average" },
  ];
  const full = { ...quarterHour, ...warning, expression: "used", unit: " %", comparison: "above" } as const;
  return {
    cpu: {
      ...full,
      name: "cpu",
      signals: average(cpuPercent),
      measures: "CPU of all replicas",
      threshold: 90,
      advice: "Scaling should have added replicas: replicas.max is reached, or there is no room for more.",
      section: "Slow answers",
    },
    memory: {
      ...full,
      name: "memory",
      signals: average(memoryPercent),
      measures: "Memory of all replicas",
      threshold: 85,
      advice: "The next large request may end a replica: raise memory.",
      section: "Out of memory",
    },
  };
}

/** The metrics that filters make of the container's own log lines. */
export const logMetrics = {
  FatalLines: '{ $.level = "fatal" }',
  Starts: '{ $.msg = "ready" }',
  Goodbyes: '{ $.msg = "shutting down" }',
} as const;

/** What only the log tells. It is the same on either platform, and so is the alarm. */
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
      // Replicas that come and go in order cancel out, and there are never more than the most: what is left has crashed.
      expression: "FILL(starts, 0) - FILL(goodbyes, 0)",
      measures: "Starts without a shutdown before them",
      threshold: mostReplicas,
      periodSeconds: 3600,
      advice:
        "Replicas end without a word, most often for want of memory: see why tasks stopped, or kubectl describe pod.",
      section: "Out of memory",
    },
  ];
}
