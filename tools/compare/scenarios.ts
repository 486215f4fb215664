import type { ServiceSpec } from "../../components/core/service-spec";
import { mostRequestsPerSecond, type Rate, steadyRequestsPerSecond } from "../../components/pricing";

export const scenarioNames = ["idle", "expected", "full"] as const;
export type ScenarioName = (typeof scenarioNames)[number];

/** Load and the replicas that scaling answers it with. */
export interface Scenario {
  readonly name: ScenarioName;
  readonly replicas: number;
  readonly requestsPerSecond: number;
}

type Scaled = Pick<ServiceSpec, "cpuUnits" | "scaling" | "replicas">;

/** The default load is what the mean of the bounds carries. No load exceeds what all replicas carry at the scaling target. */
export function scenarios(spec: Scaled, rate: Rate, requestsPerSecond?: number): Scenario[] {
  const { min, max } = spec.replicas;
  const steady = steadyRequestsPerSecond(spec, rate);
  const expected = requestsPerSecond ?? Math.ceil((min + max) / 2) * steady;
  const needed = Math.ceil(expected / steady - 1e-9);
  return [
    { name: "idle", replicas: min, requestsPerSecond: 0 },
    {
      name: "expected",
      replicas: Math.min(Math.max(needed, min), max),
      requestsPerSecond: Math.min(expected, max * steady),
    },
    { name: "full", replicas: max, requestsPerSecond: max * steady },
  ];
}

/** A warning when the load exceeds the stack's replicas.max. */
export function shortage(spec: Scaled, rate: Rate, requestsPerSecond: number): string | undefined {
  const { replicas, scaling } = spec;
  const steady = steadyRequestsPerSecond(spec, rate);
  if (requestsPerSecond <= replicas.max * steady) return undefined;
  const carried = (replicas.max * steady).toFixed(0);
  const most = (replicas.max * mostRequestsPerSecond(spec, rate)).toFixed(0);
  return `${replicas.max} replicas carry ${carried} requests/s at ${scaling.cpuPercent} % CPU and answer at most ${most}. ${requestsPerSecond} requests/s need replicas.max ${Math.ceil(requestsPerSecond / steady)}. Priced: ${carried} requests/s.`;
}
