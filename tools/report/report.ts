import type { Comparison, MeasuredLoad } from "../compare/comparison";
import { faultOf, type Measured, type Recording, tellingStep } from "../load/recording";

/** What it costs and what it does; written as report.json, and read again as a baseline. */
export interface Report {
  readonly comparison: Comparison;
  readonly load: Recording;
}

/** What the replicas of a variant answered: only where they were seen, and only on a platform that has a price. */
export function measuredLoads({ lanes }: Recording): MeasuredLoad[] {
  return lanes.flatMap((lane) => {
    const { name, target } = lane;
    const [step, replicas] = [tellingStep(lane), healthy(lane)];
    if ((target !== "ecs" && target !== "eks") || step === undefined || replicas === 0) return [];
    return [{ name, target, replicas, requestsPerSecond: (step.requests - step.errors) / step.seconds }];
  });
}

/** Those that were there before, and those that became healthy. */
const healthy = ({ replicas = [] }: Measured) =>
  replicas.filter(({ registeredAt, healthyAt }) => registeredAt === undefined || healthyAt !== undefined).length;

/** What is wrong with something that should be a report, or nothing. */
export function reportFault(value: unknown): string | undefined {
  const { comparison, load } = Object(value) as Partial<Report>;
  if (typeof comparison?.bills !== "object" || !Array.isArray(comparison.scenarios)) return "it has no comparison";
  return faultOf(load);
}
