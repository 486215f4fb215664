import type { Window } from "../core/schedule";
import type { ServiceSpec } from "../core/service-spec";
import type { Workload } from "../core/workload";
import type { Limits } from "./alarm";

/** Of the settings, what decides when an alarm fires. */
export type Thresholds = Pick<Limits, "p99Seconds" | "errorPercent" | "loadBalancerErrors">;

/** Of a workload, what its alarms depend on. Its schedule is empty on a target without one. */
export interface MonitoredWorkload extends Pick<Workload, "id" | "variant" | "weight"> {
  readonly target: string;
  readonly spec: Pick<ServiceSpec, "replicas" | "schedule" | "paths" | "logFormat">;
}

export type Windows = Readonly<Record<string, Window>>;

export const limitsOf = (
  { spec }: { readonly spec: Pick<ServiceSpec, "replicas" | "schedule"> },
  thresholds: Thresholds,
): Limits => ({
  ...thresholds,
  fewestReplicas: fewestReplicas(spec.replicas.min, spec.schedule),
  mostReplicas: spec.replicas.max,
});

function fewestReplicas(usual: number, windows: Windows): number {
  const minimums = Object.values(windows).map(({ min }) => min);
  return Math.min(usual, ...minimums.filter((min) => min > 0));
}

/** Every replica of every workload. */
export const limitsOfAll = (workloads: readonly MonitoredWorkload[], thresholds: Thresholds): Limits => {
  const limits = workloads.map((workload) => limitsOf(workload, thresholds));
  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
  return {
    ...thresholds,
    fewestReplicas: sum(limits.map((each) => each.fewestReplicas)),
    mostReplicas: sum(limits.map((each) => each.mostReplicas)),
  };
};

/** The schedule, if every workload with weight follows one. Workloads with a schedule share it. */
export function windowsOfAll(workloads: readonly MonitoredWorkload[]): Windows {
  const serving = workloads.filter(({ weight }) => weight > 0).map(({ spec }) => spec.schedule);
  return serving.find((schedule) => Object.keys(schedule).length === 0) ?? serving[0] ?? {};
}
