import type { Cpu } from "../cpu";
import type { Name } from "./contestants";
import type { Result } from "./measure";
import { median } from "./statistics";

export interface Report {
  date: string;
  cpu: Cpu & { cores: number };
  photo: string;
  /** Best seen beside each round. */
  sgemmGflops: number[];
  /** What those allow for this model: 2 x 4.089 GFLOP an image. */
  sgemmImagesPerSecond: number;
  results: Result[];
  /** Why there is no reference, if so. */
  referenceMissing?: string;
}

type Row = [what: string, reference: string, fp32: string, int8: string, aim: string];

/** The numbers to reach: floor, then aim. On x86 without VNNI int8 gains less. */
export function table(report: Report): string {
  const by = new Map(report.results.map((result) => [result.name, result]));
  const rows: Row[] = [
    ["", "reference", "fp32", "int8", "floor -> aim (fp32; int8)"],
    ...throughputRows(report, by),
    ...overloadRows(by),
    ...memoryAndStartRows(by),
  ];
  const widths = [25, 11, 16, 16];
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join(" ")
        .trimEnd(),
    )
    .join("\n");
}

type ByName = Map<Name, Result>;

function throughputRows(report: Report, by: ByName): Row[] {
  const clients = [...new Set(report.results.flatMap(({ slices }) => slices.map((slice) => slice.clients)))];
  const int8Aim = report.cpu.vnni ? "4 -> 5x" : "2.5 -> 3x";
  const rate = (result: Result, at: number) => result.slices.filter((s) => s.clients === at).map((s) => s.perSecond);
  const rows = clients.flatMap((at): Row[] => {
    const reference = by.get("reference");
    const base = reference && rate(reference, at);
    return [
      row(
        `images/s, c=${at}`,
        by,
        (result) => beside(rate(result, at), base),
        at === 16 ? `1.7 -> 2x; ${int8Aim}` : "",
      ),
      row(
        `  p50 / p99 ms, c=${at}`,
        by,
        (result) => {
          const slices = result.slices.filter((slice) => slice.clients === at);
          return `${round(median(slices.map((s) => s.p50Ms)))} / ${round(median(slices.map((s) => s.p99Ms)))}`;
        },
        "",
      ),
    ];
  });
  const cpu = (result: Result) => result.slices.filter((s) => s.clients === 16).map((s) => s.cpuMsPerImage);
  const cpuRow = row(
    "CPU ms an image, c=16",
    by,
    (result) => beside(cpu(result), by.get("reference") && cpu(by.get("reference") ?? result)),
    "",
  );
  const share = (result: Result) => `${round((100 * median(rate(result, 16))) / report.sgemmImagesPerSecond)} %`;
  return [...rows, cpuRow, row("share of sgemm, c=16", by, share, "65 -> 80 %; -"), ...neededRows(report, by)];
}

/** A ratio is out of reach where it needs more of the machine than a matrix product that suits it gets. */
function neededRows(report: Report, by: ByName): Row[] {
  const reference = by.get("reference")?.slices.filter(({ clients }) => clients === 16);
  if (!reference || reference.length === 0) return [];
  const share = median(reference.map(({ perSecond }) => perSecond)) / report.sgemmImagesPerSecond;
  const needed = [1.7, 2].map((ratio) => `${round(100 * ratio * share)} %`);
  return [["  that 1.7x, 2x would need", "-", needed.join(", "), "-", ""]];
}

function overloadRows(by: ByName): Row[] {
  const multiples = [...new Set([...by.values()].flatMap(({ overloads }) => overloads.map(({ times }) => times)))];
  return multiples.flatMap((times): Row[] => {
    const at = (result: Result) => result.overloads.find((overload) => overload.times === times);
    const line = (what: string, value: (overload: NonNullable<ReturnType<typeof at>>) => string, aim: string) =>
      row(
        `${times}x overload: ${what}`,
        by,
        (result) => {
          const overload = at(result);
          return overload ? value(overload) : "-";
        },
        aim,
      );
    return [
      line("p99", ({ acceptedP99Ms }) => `${round(acceptedP99Ms)} ms`, "1200 -> 1000 ms"),
      line("kept", ({ goodputKept }) => `${round(100 * goodputKept)} %`, "85 -> 92 %"),
      line("/health", ({ healthP99Ms }) => `${round(healthP99Ms)} ms`, "100 -> 50 ms"),
    ];
  });
}

function memoryAndStartRows(by: ByName): Row[] {
  const reference = by.get("reference");
  return [
    row("/health answers/s", by, (result) => beside(result.healthPerSecond, reference?.healthPerSecond), "4 -> 6x"),
    row("memory, MB", by, ({ residentMb }) => round(residentMb), "550 -> 420; 350 -> 230 MB"),
    row("start to ready, s", by, ({ startMs }) => (median(startMs) / 1000).toFixed(2), "3 -> 1.5; 2 -> 1 s"),
  ];
}

function row(what: string, by: ByName, value: (result: Result) => string, aim: string): Row {
  const cell = (name: Name) => {
    const result = by.get(name);
    return result ? value(result) : "-";
  };
  return [what, cell("reference"), cell("fp32"), cell("int8"), aim];
}

/** The median, and beside the reference's the median and spread of the ratios of each round. */
function beside(values: number[], base: number[] | undefined): string {
  const own = round(median(values));
  if (base === undefined || base === values || base.every((value, index) => value === values[index])) return own;
  const ratios = values.map((value, index) => value / (base[index] ?? Number.NaN));
  return `${own} ${median(ratios).toFixed(2)}x (${Math.min(...ratios).toFixed(1)}-${Math.max(...ratios).toFixed(1)})`;
}

const round = (value: number) => (value < 100 ? value.toFixed(1).replace(/\.0$/, "") : value.toFixed(0));
