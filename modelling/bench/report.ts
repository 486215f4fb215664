import type { Cpu } from "../cpu";
import { contestant, type Precision } from "./contestants";
import { kinds, largePhotoCallers } from "./large-photos";
import { markdown, round } from "./markdown";
import type { Result } from "./measure";
import type { Missing } from "./missing";
import { ratioTable } from "./ratios";
import { at, clean, clientsOf, isDisturbed, typical } from "./slices";
import { median } from "./statistics";

export interface Report {
  date: string;
  cpu: Cpu & { cores: number };
  node: string;
  photo: string;
  isQuick: boolean;
  /** What the machine's matrix products reached beside each round; NaN in bf16 where the CPU has none. */
  gflops: Record<Precision, number[]>;
  results: Result[];
  missing: Missing[];
}

const gflopPerImage = 2 * 4.089;

/** In Markdown, as app/README.md has it. */
export function describeReport(report: Report): string {
  const { date, cpu, node, photo, isQuick, results, missing } = report;
  const measurements = results.flatMap(({ slices, overloads, largePhotos }) => [
    ...slices,
    ...overloads,
    ...largePhotos,
  ]);
  const disturbed = measurements.filter(isDisturbed).length;
  const run = isQuick ? "a `--quick` run, too short to quote" : "one full run";
  return [
    `Measured on ${date.slice(0, 10)} in ${run}, on ${cpu.cores} cores of ${cpu.model} with ${cpu.extensions.join(", ") || "no extensions"}, Node ${node}: ` +
      `${photo} to ResNet50. Other work took more than 10 % of the CPU in ${disturbed} of ${measurements.length} measurements; \`~\` marks a figure that has no other.`,
    ...missing.map(({ name, why }) => `Without ${name}: ${why}.`),
    ...[speedTable(report), ratioTable(results, cpu), loadTable(report), largePhotoTable(report)],
  ].join("\n\n");
}

function speedTable(report: Report): string {
  const counts = clientsOf(report.results);
  const head = [
    ...["images/s", ...counts.map((clients) => `c=${clients}`), "p50 ms", "p99 ms", "CPU ms"],
    ...["% of limit", "memory MB", "start s"],
  ];
  const rows = report.results.map((result) => [
    result.name,
    ...counts.map((clients) => typical(at(result, clients), ({ perSecond }) => perSecond)),
    ...[typical(at(result, 16), ({ p50Ms }) => p50Ms), typical(at(result, 16), ({ p99Ms }) => p99Ms)],
    typical(at(result, 16), ({ cpuMsPerImage }) => cpuMsPerImage),
    share(report, result),
    round(result.residentMb),
    (median(result.startMs) / 1000).toFixed(2),
  ]);
  return markdown(head, rows);
}

/** Of the machine's matrix product in the same arithmetic. */
function share({ gflops }: Report, result: Result): string {
  const limit = median(gflops[contestant(result.name).precision]) / gflopPerImage;
  const rates = clean(at(result, 16)).map(({ perSecond }) => perSecond);
  if (rates.length < 2) return "disturbed";
  return Number.isNaN(limit) ? "-" : round((100 * median(rates)) / limit);
}

function loadTable({ results }: Report): string {
  const multiples = [...new Set(results.flatMap(({ overloads }) => overloads.map(({ times }) => times)))].sort(
    (a, b) => a - b,
  );
  const head = [
    "overload",
    "/health /s",
    ...multiples.flatMap((times) => [`${times}x: p99 ms`, "kept %", "/health ms"]),
  ];
  const cells = ({ overloads }: Result, times: number) => {
    const overload = overloads.find((one) => one.times === times);
    if (overload === undefined) return ["-", "-", "-"];
    const { acceptedP99Ms, goodputKept, healthP99Ms } = overload;
    const mark = isDisturbed(overload) ? "~" : "";
    return [
      `${mark}${round(acceptedP99Ms)}`,
      mark ? "disturbed" : round(100 * goodputKept),
      `${mark}${round(healthP99Ms)}`,
    ];
  };
  const floor = ["floor", "", ...multiples.flatMap(() => ["1200", "85", "100"])];
  const rows = results.map((result) => [
    result.name,
    round(median(result.healthPerSecond)),
    ...multiples.flatMap((times) => cells(result, times)),
  ]);
  return markdown(head, [...rows, floor]);
}

function largePhotoTable({ results }: Report): string {
  const head = [
    `${largePhotoCallers} callers, 12 megapixels`,
    ...kinds.flatMap((kind) => [`${kind} /s`, "p99 ms", "/health ms"]),
  ];
  const rows = results
    .filter(({ largePhotos }) => largePhotos.length > 0)
    .map(({ name, largePhotos }) => [
      name,
      ...largePhotos.flatMap((one) => {
        const mark = isDisturbed(one) ? "~" : "";
        return [one.perSecond, one.acceptedP99Ms, one.healthP99Ms].map((value) => mark + round(value));
      }),
    ]);
  return markdown(head, [...rows, ["floor", ...kinds.flatMap(() => ["", "1200", "100"])]]);
}
