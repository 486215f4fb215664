import { steadyRequestsPerSecond } from "../../components/prices";
import type { ServiceSpec } from "../../components/service-spec";
import type { Option } from "./alternatives";

export interface BreakEven {
  readonly cheaperBelow: string;
  readonly cheaperFrom: string;
  /** Replicas under steady load from which the other one costs less; none within what was searched. */
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

export function breakEvens(options: readonly Option[], spec: Pick<ServiceSpec, "cpuUnits" | "scaling">): BreakEven[] {
  const steady = steadyRequestsPerSecond(spec);
  const counts = Array.from({ length: mostSearched }, (_, index) => index + 1);
  const costs = new Map(options.map(({ name, usd }) => [name, remembered(usd, steady)]));
  return pairs.map(([cheaperBelow, cheaperFrom]) => {
    const [below, from] = [costs.get(cheaperBelow), costs.get(cheaperFrom)];
    const replicas = counts.find((count) => (from?.(count) ?? 0) <= (below?.(count) ?? 0));
    return { cheaperBelow, cheaperFrom, replicas, requestsPerSecond: replicas && replicas * steady };
  });
}

/** Several pairs ask for the same; most find their answer early. */
function remembered(usd: Option["usd"], steady: number): (replicas: number) => number {
  const known: number[] = [];
  return (replicas) => {
    known[replicas] ??= usd({ replicas, requestsPerSecond: replicas * steady });
    return known[replicas] ?? 0;
  };
}
