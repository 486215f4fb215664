import type { ServiceSpec } from "../../components/core/service-spec";
import { type Rate, steadyRequestsPerSecond } from "../../components/pricing";
import type { Option } from "./alternatives";

export interface BreakEven {
  readonly cheaperBelow: string;
  readonly cheaperFrom: string;
  /** From this number of busy replicas on, the second option never costs more; undefined when there is none in the range. */
  readonly replicas?: number;
  readonly requestsPerSecond?: number;
}

export const mostSearched = 1000;

const pairs = [
  ["Fargate", "EKS"],
  ["Fargate", "EKS Spot"],
  ["Fargate Spot", "EKS Spot"],
  ["Lambda", "Fargate"],
  ["Lambda", "Fargate Spot"],
  ["Lambda", "EKS"],
] as const;

export function breakEvens(
  options: readonly Option[],
  spec: Pick<ServiceSpec, "cpuUnits" | "scaling">,
  rate: Rate,
): BreakEven[] {
  const steady = steadyRequestsPerSecond(spec, rate);
  // Searches from the top: with whole machines an option can be cheaper for a few replicas only.
  const counts = Array.from({ length: mostSearched }, (_, index) => mostSearched - index);
  const costs = new Map(options.map(({ name, usd }) => [name, remembered(usd, steady)]));
  return pairs.map(([cheaperBelow, cheaperFrom]) => {
    const [below, from] = [costs.get(cheaperBelow), costs.get(cheaperFrom)];
    const lastBelow = counts.find((count) => (from?.(count) ?? 0) > (below?.(count) ?? 0)) ?? 0;
    const replicas = lastBelow === mostSearched ? undefined : lastBelow + 1;
    return { cheaperBelow, cheaperFrom, replicas, requestsPerSecond: replicas && replicas * steady };
  });
}

/** Several pairs need the same values. */
function remembered(usd: Option["usd"], steady: number): (replicas: number) => number {
  const known: number[] = [];
  return (replicas) => {
    known[replicas] ??= usd({ replicas, requestsPerSecond: replicas * steady });
    return known[replicas] ?? 0;
  };
}
