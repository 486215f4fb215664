import { mostRequestsPerSecond, steadyRequestsPerSecond } from "../../components/prices";
import type { ServiceSpec } from "../../components/service-spec";

export const scenarioNames = ["idle", "expected", "full"] as const;
export type ScenarioName = (typeof scenarioNames)[number];

/** Load and the replicas that scaling answers it with. */
export interface Scenario {
  readonly name: ScenarioName;
  readonly replicas: number;
  readonly requestsPerSecond: number;
}

type Scaled = Pick<ServiceSpec, "cpuUnits" | "scaling" | "replicas">;

/** Without a load of the user's own: what half way between the bounds carries. */
export function scenarios(spec: Scaled, requestsPerSecond?: number): Scenario[] {
  const { min, max } = spec.replicas;
  const steady = steadyRequestsPerSecond(spec);
  const expected = requestsPerSecond ?? Math.ceil((min + max) / 2) * steady;
  const needed = Math.ceil(expected / steady - 1e-9);
  return [
    { name: "idle", replicas: min, requestsPerSecond: 0 },
    {
      name: "expected",
      replicas: Math.min(Math.max(needed, min), max),
      // What nobody answers costs nothing per inference.
      requestsPerSecond: Math.min(expected, max * mostRequestsPerSecond(spec)),
    },
    { name: "full", replicas: max, requestsPerSecond: max * steady },
  ];
}

/** A sentence when the stack's bounds do not let it answer the load. */
export function shortage(spec: Scaled, requestsPerSecond: number): string | undefined {
  const most = spec.replicas.max * mostRequestsPerSecond(spec);
  if (requestsPerSecond <= most) return undefined;
  const needed = Math.ceil(requestsPerSecond / steadyRequestsPerSecond(spec));
  return `${spec.replicas.max} replicas answer at most ${most.toFixed(0)} requests/s; ${requestsPerSecond} need replicas.max ${needed}`;
}
