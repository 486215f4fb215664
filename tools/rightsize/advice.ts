import { fargateCpuUnits, fargateMemoryMiB } from "../../components/core/fargate-sizes";
import { priced } from "../../components/pricing/line";
import { targetNamed } from "../../components/targets";
import { percentile } from "../load/summary";
import type { Observed, Recording } from "./recording";

export interface Size {
  readonly cpuUnits: number;
  readonly memoryMiB: number;
}

export interface Use {
  readonly replicas: number;
  /** Not exceeded in nineteen of twenty hours. */
  readonly cpuPercent: number;
  readonly peakMemoryMiB: number;
  readonly p99Seconds: number;
}

export interface Option extends Size {
  readonly usdPerMonth: number;
  /** Compared with the declared size; negative when it costs more. */
  readonly savedUsdPerMonth: number;
  /** Reasons against this size; empty when it fits. */
  readonly against: readonly string[];
}

export interface Advice {
  readonly use: Use;
  readonly usdPerMonth: number;
  readonly smaller?: Option;
  readonly larger?: Option;
  readonly verdict: string;
}

/** Leaves room for a request that is larger than all so far. */
const memoryHeadroom = 1.25;
const fewestHours = 24;
const period = { hours: 730, months: 1 };

/** Recommends a size for one variant; undefined with too few hours of metrics. */
export function advise(recording: Recording, variant: Observed): Advice | undefined {
  const hours = Math.min(variant.cpuPercent.length, variant.memoryPercent.length, variant.p99Seconds.length);
  if (hours < fewestHours) return undefined;
  const use = useOf(recording, variant);
  const usdPerMonth = cost(recording, variant, recording, use.replicas);
  const option = (size: Size | undefined): Option | undefined => {
    if (!size) return undefined;
    const usd = cost(recording, variant, size, use.replicas);
    return { ...size, usdPerMonth: usd, savedUsdPerMonth: usdPerMonth - usd, against: against(recording, use, size) };
  };
  const smaller = option(neighbour(recording, use, -1));
  const larger = option(neighbour(recording, use, 1));
  return { use, usdPerMonth, smaller, larger, verdict: verdict(recording, use, smaller, larger) };
}

const highest = (values: readonly number[]) => Math.max(0, ...values);
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
const usually = (values: readonly number[]) =>
  percentile(
    [...values].sort((a, b) => a - b),
    95,
  );

function useOf({ memoryMiB }: Size, { cpuPercent, memoryPercent, p99Seconds, replicas }: Observed): Use {
  return {
    replicas: mean(replicas),
    cpuPercent: usually(cpuPercent),
    peakMemoryMiB: (highest(memoryPercent) / 100) * memoryMiB,
    p99Seconds: usually(p99Seconds),
  };
}

/** The sizes of Fargate. EKS uses the same, so that a flip keeps the size of a replica. */
const sizes: readonly Size[] = fargateCpuUnits.flatMap((cpuUnits) =>
  (fargateMemoryMiB[cpuUnits] ?? []).map((memoryMiB) => ({ cpuUnits, memoryMiB })),
);

/** The next size up or down: one step of CPU, or of memory when CPU must stay. */
function neighbour(declared: Recording, use: Use, step: 1 | -1): Size | undefined {
  const { cpuUnits, memoryMiB } = declared;
  const otherCpu = fargateCpuUnits[fargateCpuUnits.indexOf(cpuUnits) + step];
  const atOtherCpu = sizes.filter((size) => size.cpuUnits === otherCpu);
  const room = use.peakMemoryMiB * memoryHeadroom;
  const byCpu = atOtherCpu.find((size) => size.memoryMiB >= room) ?? atOtherCpu.at(-1);
  const offered = fargateMemoryMiB[cpuUnits] ?? [];
  const otherMemory = offered[offered.indexOf(memoryMiB) + step];
  const byMemory = otherMemory === undefined ? undefined : { cpuUnits, memoryMiB: otherMemory };
  if (step < 0) return byCpu && against(declared, use, byCpu).length === 0 ? byCpu : (byMemory ?? byCpu);
  return room > memoryMiB ? (byMemory ?? byCpu) : (byCpu ?? byMemory);
}

/** Assumes that latency and CPU utilization grow in proportion when CPU shrinks. */
function against(declared: Recording, use: Use, size: Size): string[] {
  const slower = declared.cpuUnits / size.cpuUnits;
  const cpu = use.cpuPercent * slower;
  const p99 = use.p99Seconds * slower;
  const room = use.peakMemoryMiB * memoryHeadroom;
  return [
    ...(cpu > declared.cpuTargetPercent
      ? [`CPU would be at ${cpu.toFixed(0)} %, above the scaling target of ${declared.cpuTargetPercent} %`]
      : []),
    ...(p99 > declared.p99LimitSeconds
      ? [`p99 would be about ${p99.toFixed(2)} s, above ${declared.p99LimitSeconds} s`]
      : []),
    ...(room > size.memoryMiB ? [`the memory peak of ${use.peakMemoryMiB.toFixed(0)} MiB plus 25 % does not fit`] : []),
  ];
}

function verdict(declared: Recording, use: Use, smaller?: Option, larger?: Option): string {
  const wants = against(declared, use, declared);
  if (wants.length > 0) return larger ? "take the larger size" : "it is too small, and there is no larger size";
  if (smaller && smaller.against.length === 0 && smaller.savedUsdPerMonth > 0) return "take the smaller size";
  return "keep the size";
}

/** The replicas alone: everything else costs the same at any size. */
function cost(
  { region, zones, architecture, nodeCpu, spot, bounds }: Recording,
  { target }: Observed,
  size: Size,
  replicas: number,
): number {
  const spec = { architecture, cpuUnits: size.cpuUnits, memoryMiB: size.memoryMiB };
  const place = { region, podZones: zones, nodeCpu, spec, spot, bounds };
  const items = targetNamed(target).pricing.replicas(place, replicas, period);
  return items.reduce((usd, item) => usd + priced(region, item).usd, 0);
}
