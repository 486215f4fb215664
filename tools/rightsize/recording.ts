import type { Capacity } from "../../components/core/capacity";
import type { NodeCpu } from "../../components/core/node-cpu";
import type { Bounds } from "../../components/core/schedule";
import type { Architecture } from "../../components/core/service-spec";
import type { AwsTargetName } from "../../components/targets";

/** The CloudWatch metrics of one variant, one value an hour. Hours without a value are left out. */
export interface Observed {
  readonly name: string;
  readonly target: AwsTargetName;
  /** Of a replica's CPU, on average over all replicas. */
  readonly cpuPercent: readonly number[];
  /** The highest value of the hour. */
  readonly memoryPercent: readonly number[];
  readonly p99Seconds: readonly number[];
  readonly replicas: readonly number[];
}

/** The data of a recommendation: written by --save, read by --from. */
export interface Recording {
  readonly stack: string;
  readonly region: string;
  /** The number of zones that the replicas spread over. */
  readonly zones: number;
  readonly days: number;
  readonly architecture: Architecture;
  readonly cpuUnits: number;
  readonly memoryMiB: number;
  /** The CPU target of scaling. */
  readonly cpuTargetPercent: number;
  /** The threshold of the latency alarm. */
  readonly p99LimitSeconds: number;
  readonly spot: Capacity;
  /** The smallest and the largest number of replicas at any time. */
  readonly bounds: Bounds;
  /** Of the nodes that pods run on. */
  readonly nodeCpu: NodeCpu;
  readonly variants: readonly Observed[];
}

const measures = ["cpuPercent", "memoryPercent", "p99Seconds", "replicas"] as const;

/** Why a value is no recording; undefined when it is one. */
export function faultOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return "it is not an object";
  const given = value as Record<string, unknown>;
  for (const key of ["zones", "days", "cpuUnits", "memoryMiB", "cpuTargetPercent", "p99LimitSeconds"])
    if (typeof given[key] !== "number") return `${key} is ${given[key]}; expected a number`;
  for (const key of ["stack", "region", "architecture", "nodeCpu"])
    if (typeof given[key] !== "string") return `${key} is ${given[key]}; expected text`;
  for (const key of ["spot", "bounds"])
    if (typeof given[key] !== "object" || given[key] === null) return `${key} is missing`;
  if (!Array.isArray(given.variants) || given.variants.length === 0) return "variants is empty";
  for (const variant of given.variants as Record<string, unknown>[])
    for (const key of measures)
      if (!Array.isArray(variant[key]) || !variant[key].every((each) => typeof each === "number"))
        return `${key} of ${variant.name} is not a list of numbers`;
  return undefined;
}
