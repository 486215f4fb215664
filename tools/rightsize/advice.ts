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
  /** Of nineteen hours in twenty. */
  readonly cpuPercent: number;
  readonly peakMemoryMiB: number;
  readonly p99Seconds: number;
}

export interface Option extends Size {
  readonly usdPerMonth: number;
  /** Against the size that is declared; negative when it costs more. */
  readonly savedUsdPerMonth: number;
  /** Why it would not do; empty when it would. */
  readonly against: readonly string[];
}

export interface Advice {
  readonly use: Use;
  readonly usdPerMonth: number;
  readonly smaller?: Option;
  readonly larger?: Option;
  readonly verdict: string;
}

/** A request that is larger than any so far has to find room. */
const memoryHeadroom = 1.25;
const fewestHours = 24;
const period = { hours: 730, months: 1 };

/** What of one variant's size would be better, or why nothing would. */
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

/** All that Fargate offers: EKS takes the same, so that a flip finds the same replica. */
const sizes: readonly Size[] = fargateCpuUnits.flatMap((cpuUnits) =>
  (fargateMemoryMiB[cpuUnits] ?? []).map((memoryMiB) => ({ cpuUnits, memoryMiB })),
);

/** One step of whichever is in excess or in want: memory first where CPU is used as it should be. */
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

/** With less CPU everything takes as much longer, and the same load takes as much more of it. */
function against(declared: Recording, use: Use, size: Size): string[] {
  const slower = declared.cpuUnits / size.cpuUnits;
  const cpu = use.cpuPercent * slower;
  const p99 = use.p99Seconds * slower;
  const room = use.peakMemoryMiB * memoryHeadroom;
  return [
    ...(cpu > declared.cpuTargetPercent
      ? [`CPU would be at ${cpu.toFixed(0)} %, above the ${declared.cpuTargetPercent} % of scaling`]
      : []),
    ...(p99 > declared.p99LimitSeconds
      ? [`p99 would be about ${p99.toFixed(2)} s, above ${declared.p99LimitSeconds} s`]
      : []),
    ...(room > size.memoryMiB ? [`the peak of ${use.peakMemoryMiB.toFixed(0)} MiB and a quarter more do not fit`] : []),
  ];
}

function verdict(declared: Recording, use: Use, smaller?: Option, larger?: Option): string {
  const wants = against(declared, use, declared);
  if (wants.length > 0) return larger ? "take the larger" : "it is too small, and there is no larger";
  if (smaller && smaller.against.length === 0 && smaller.savedUsdPerMonth > 0) return "take the smaller";
  return "keep it";
}

/** Of the replicas alone: what stands beside them costs the same at any size. */
function cost(
  { region, zones, architecture, spot }: Recording,
  { target }: Observed,
  size: Size,
  replicas: number,
): number {
  const spec = { architecture, cpuUnits: size.cpuUnits, memoryMiB: size.memoryMiB };
  const place = { region, podZones: zones, spec, spot };
  const items = targetNamed(target).pricing.replicas(place, replicas, period);
  return items.reduce((usd, item) => usd + priced(region, item).usd, 0);
}
