import type { Cpu } from "../cpu";
import { type Missing, type Name, names } from "./contestants";
import type { Arithmetic } from "./limits";
import { isDisturbed, type Overload, type Result, type Slice } from "./measure";
import { median } from "./statistics";

export interface Report {
  date: string;
  cpu: Cpu & { cores: number };
  photo: string;
  /** What the machine's matrix products reached beside each round. */
  gflops: Record<Arithmetic, number[]>;
  results: Result[];
  missing: Missing[];
}

const gflopPerImage = 2 * 4.089;
const widths: Record<Name, number> = { Flask: 7, "FastAPI fp32": 8, fp32: 17, "FastAPI int8": 8, int8: 15 };
const labelWidth = 24;

type Cells = Partial<Record<Name, string>>;
type Pairs = Partial<Record<Name, Name>>;

/** Floors stand behind what a row is compared with, for fp32 and int8. */
export function table(report: Report): string {
  const results = new Map(report.results.map((result) => [result.name, result]));
  const line = (label: string, cells: Cells) =>
    (label.padEnd(labelWidth) + names.map((name) => (cells[name] ?? "").padEnd(widths[name])).join("")).trimEnd();
  const row = (label: string, value: (result: Result) => string) =>
    line(label, Object.fromEntries(names.map((name) => [name, results.has(name) ? value(result(name)) : "-"])));
  const result = (name: Name) => results.get(name) as Result;
  const ratios = (label: string, others: Pairs, compare: (own: Result, other: Result) => string) => {
    const cells: Cells = {};
    for (const [own, other] of Object.entries(others) as [Name, Name][]) {
      if (results.has(own) && results.has(other)) cells[own] = compare(result(own), result(other));
    }
    return Object.keys(cells).length === 0 ? [] : [line(label, cells)];
  };
  return [
    line("", { Flask: "Flask", "FastAPI fp32": "FastAPI", fp32: "app", "FastAPI int8": "FastAPI", int8: "app" }),
    line("", { Flask: "fp32", "FastAPI fp32": "fp32", fp32: "fp32", "FastAPI int8": "int8", int8: "int8" }),
    ...clientsOf(report).flatMap((clients) => throughputRows(report, clients, row, ratios)),
    row("CPU ms an image, c=16", (each) => round(median(slicesAt(each, 16).map((slice) => slice.cpuMsPerImage)))),
    row("% of matrix product", (each) => share(report, each)),
    ...overloadRows(report, row),
    row("/health answers/s", ({ healthPerSecond }) => round(median(healthPerSecond))),
    row("memory, MB", ({ residentMb }) => round(residentMb)),
    ...ratios("  to FastAPI, most 0.7", toFastApi, (own, other) => times([own.residentMb / other.residentMb])),
    row("start to ready, s", ({ startMs }) => (median(startMs) / 1000).toFixed(2)),
  ].join("\n");
}

type RowMaker = (label: string, value: (result: Result) => string) => string;
type RatioMaker = (label: string, others: Pairs, compare: (own: Result, other: Result) => string) => string[];

const toFlask: Pairs = { fp32: "Flask", int8: "Flask" };
const toFastApi: Pairs = { fp32: "FastAPI fp32", int8: "FastAPI int8" };
const floorsToFastApi = new Map([
  [1, ", 1.1; 1.1"],
  [16, ", 1.15; 1.2"],
]);

function throughputRows({ cpu }: Report, clients: number, row: RowMaker, ratios: RatioMaker): string[] {
  const floorsToFlask = clients === 16 ? `, 1.7; ${cpu.vnni ? 4 : 2.5}` : "";
  const compare = (own: Result, other: Result) => rateRatio(slicesAt(own, clients), slicesAt(other, clients));
  return [
    row(`images/s, c=${clients}`, (each) => round(median(slicesAt(each, clients).map((slice) => slice.perSecond)))),
    ...ratios(`  to Flask${floorsToFlask}`, toFlask, compare),
    ...ratios(`  to FastAPI${floorsToFastApi.get(clients) ?? ""}`, toFastApi, compare),
    row("  p50 ms", (each) => round(median(slicesAt(each, clients).map((slice) => slice.p50Ms)))),
    row("  p99 ms", (each) => round(median(slicesAt(each, clients).map((slice) => slice.p99Ms)))),
  ];
}

/** Of the rounds in which neither was disturbed. */
function rateRatio(own: Slice[], other: Slice[]): string {
  const pairs = own.flatMap((slice) => {
    const beside = other.find((one) => one.round === slice.round);
    return beside && !isDisturbed(slice) && !isDisturbed(beside) ? [slice.perSecond / beside.perSecond] : [];
  });
  return pairs.length < 2 ? "disturbed" : times(pairs);
}

function share({ gflops }: Report, result: Result): string {
  const arithmetic: Arithmetic = result.name.endsWith("int8") ? "int8" : "fp32";
  const limit = median(gflops[arithmetic]) / gflopPerImage;
  return `${round((100 * median(slicesAt(result, 16).map((slice) => slice.perSecond))) / limit)} %`;
}

function overloadRows({ results }: Report, row: RowMaker): string[] {
  const multiples = [...new Set(results.flatMap(({ overloads }) => overloads.map((overload) => overload.times)))];
  return multiples.flatMap((multiple) => {
    const line = (what: string, value: (overload: Overload) => string) =>
      row(what, ({ overloads }) => {
        const overload = overloads.find((one) => one.times === multiple);
        return overload ? value(overload) : "-";
      });
    return [
      line(`${multiple}x load: p99 ms, 1200`, ({ acceptedP99Ms }) => round(acceptedP99Ms)),
      line("  kept, at least 85 %", ({ goodputKept }) => `${round(100 * goodputKept)} %`),
      line("  /health p99 ms, 100", ({ healthP99Ms }) => round(healthP99Ms)),
    ];
  });
}

const clientsOf = ({ results }: Report) => [
  ...new Set(results.flatMap(({ slices }) => slices.map(({ clients }) => clients))),
];
const slicesAt = ({ slices }: Result, clients: number) => slices.filter((slice) => slice.clients === clients);

/** The median and, of several, the range. */
function times(ratios: number[]): string {
  const range = ratios.length > 1 ? ` (${Math.min(...ratios).toFixed(1)}-${Math.max(...ratios).toFixed(1)})` : "";
  return `${median(ratios).toFixed(2)}x${range}`;
}

const round = (value: number) => (value < 100 ? value.toFixed(1).replace(/\.0$/, "") : value.toFixed(0));
