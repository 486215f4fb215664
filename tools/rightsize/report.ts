import { inferenceOf, type Measurement, mostRequestsPerSecond } from "../../components/pricing";
import { width, wrap } from "../render/text";
import { type Advice, advise, type Option, type Size } from "./advice";
import type { Recording } from "./recording";

const sizeText = ({ cpuUnits, memoryMiB }: Size) => `cpu ${cpuUnits}, memory ${memoryMiB}`;
const usd = (value: number) => `${value.toFixed(2)} USD a month`;

/** The text that the command prints. With the stack's own measurement it also says what each size carries. */
export function report(recording: Recording, measurement?: Measurement): string {
  const { stack, days } = recording;
  const head = `${stack}, the last ${days} days, declared: ${sizeText(recording)}`;
  const parts = recording.variants.map((variant) => {
    const advice = advise(recording, variant);
    const title = `\n${variant.name} on ${variant.target}`;
    return advice
      ? [title, ...lines(recording, advice, measurement)].join("\n")
      : `${title}\n  fewer than 24 hours of metrics: too few to judge`;
  });
  return [
    head,
    ...parts,
    ...(measurement ? [`\n${wrap(`Requests/s: ${inferenceOf(measurement).from}.`, width).join("\n")}`] : []),
    "\nReplicas only, at list prices. To change the size, set cpu and memory and run\npulumi up. This command changed nothing.",
  ].join("\n");
}

function lines(declared: Size, { use, usdPerMonth, smaller, larger, verdict }: Advice, own?: Measurement): string[] {
  const { replicas, cpuPercent, peakMemoryMiB, p99Seconds } = use;
  return [
    `  uses     ${replicas.toFixed(1)} replicas, CPU ${cpuPercent.toFixed(0)} %, memory at most ${peakMemoryMiB.toFixed(0)} MiB, p99 ${p99Seconds.toFixed(2)} s`,
    ...(own ? [`  carries  ${carried(declared, own)} a replica`] : []),
    `  costs    ${usd(usdPerMonth)}`,
    `  smaller  ${smaller ? described(smaller, own) : "none"}`,
    `  larger   ${larger ? described(larger, own) : "none"}`,
    `  verdict  ${verdict}`,
  ];
}

const carried = (size: Size, own: Measurement) =>
  `${Number(mostRequestsPerSecond(size, inferenceOf(own)).toPrecision(2))} requests/s`;

function described(option: Option, own: Measurement | undefined): string {
  const { savedUsdPerMonth: saved, against } = option;
  const change = saved >= 0 ? `saves ${usd(saved)}` : `costs ${usd(-saved)} more`;
  const carries = own ? [`carries ${carried(option, own)}`] : [];
  return [`${sizeText(option)}: ${change}`, ...carries, ...against].join("; ");
}
