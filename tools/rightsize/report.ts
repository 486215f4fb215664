import { type Advice, advise, type Option, type Size } from "./advice";
import type { Recording } from "./recording";

const sizeText = ({ cpuUnits, memoryMiB }: Size) => `cpu ${cpuUnits}, memory ${memoryMiB}`;
const usd = (value: number) => `${value.toFixed(2)} USD a month`;

/** The text that the command prints. */
export function report(recording: Recording): string {
  const { stack, days } = recording;
  const head = `${stack}, the last ${days} days, declared: ${sizeText(recording)}`;
  const parts = recording.variants.map((variant) => {
    const advice = advise(recording, variant);
    const title = `\n${variant.name} on ${variant.target}`;
    return advice
      ? [title, ...lines(advice)].join("\n")
      : `${title}\n  fewer than 24 hours of metrics: too few to judge`;
  });
  return [
    head,
    ...parts,
    "\nReplicas only, at list prices. To change the size, set cpu and memory and run\npulumi up. This command changed nothing.",
  ].join("\n");
}

function lines({ use, usdPerMonth, smaller, larger, verdict }: Advice): string[] {
  const { replicas, cpuPercent, peakMemoryMiB, p99Seconds } = use;
  return [
    `  uses     ${replicas.toFixed(1)} replicas, CPU ${cpuPercent.toFixed(0)} %, memory at most ${peakMemoryMiB.toFixed(0)} MiB, p99 ${p99Seconds.toFixed(2)} s`,
    `  costs    ${usd(usdPerMonth)}`,
    `  smaller  ${smaller ? described(smaller) : "none"}`,
    `  larger   ${larger ? described(larger) : "none"}`,
    `  verdict  ${verdict}`,
  ];
}

function described(option: Option): string {
  const { savedUsdPerMonth: saved, against } = option;
  const change = saved >= 0 ? `saves ${usd(saved)}` : `costs ${usd(-saved)} more`;
  return [`${sizeText(option)}: ${change}`, ...against].join("; ");
}
