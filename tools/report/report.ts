import { isAwsTarget } from "../../components/targets";
import type { Comparison, MeasuredLoad } from "../compare/comparison";
import { titleOf as comparisonTitle } from "../compare/sections";
import { isThisMachine } from "../load/ownership";
import { faultOf, type Recording, servingIn, tellingStep } from "../load/recording";

/** Costs and load; written as report.json, and read again as a baseline. */
export interface Report {
  readonly comparison: Comparison;
  readonly load: Recording;
}

/** A load on this machine does not measure the stack whose costs the report shows. */
export function caveats({ comparison, load }: Report): string[] {
  if (!isFromThisMachine(load)) return [];
  const { host } = new URL(load.url);
  return [
    `The load was measured on this machine (${host}), not on AWS: its latencies and rates are those of this machine. The costs are those of stack ${comparison.stack} on AWS.`,
  ];
}

export function titleOf({ comparison, load }: Report): string {
  if (!isFromThisMachine(load)) return comparisonTitle(comparison);
  return `Load on ${new URL(load.url).host}, costs of stack ${comparison.stack} in ${comparison.region}`;
}

/** A tunnel gives a stack an address on this machine; then the recording has its name. */
const isFromThisMachine = ({ url, stack }: Recording) => stack === undefined && isThisMachine(new URL(url));

/** The answered requests of a variant, when its replicas were seen and its platform has a price. */
export function measuredLoads({ lanes }: Recording): MeasuredLoad[] {
  return lanes.flatMap((lane) => {
    const { name, target } = lane;
    const step = tellingStep(lane);
    if (target === undefined || !isAwsTarget(target) || step === undefined) return [];
    const replicas = servingIn(step, lane);
    return replicas === 0 ? [] : [{ name, target, replicas, requestsPerSecond: step.answeredPerSecond }];
  });
}

/** Why a value is no report; undefined when it is one. */
export function reportFault(value: unknown): string | undefined {
  const { comparison, load } = Object(value) as Partial<Report>;
  if (typeof comparison?.bills !== "object" || !Array.isArray(comparison.scenarios)) return "it has no comparison";
  return faultOf(load);
}
