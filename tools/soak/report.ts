import { cpus } from "node:os";
import { outcomeOf, percentile } from "../load/summary";
import { block } from "../render/text";
import type { Said } from "./callers";
import type { Held } from "./server";
import { judgedSeconds, type Outcome } from "./soak";

export const mostGrowthMbPerHour = 60;
const confidenceTolerance = 0.001;

export interface Ended extends Outcome {
  /** How the server ended after SIGTERM. */
  readonly end: string;
}

const isLost = ({ status }: Said) => status === 0;
const isOfLostWorker = ({ status, body }: Said) => status === 500 && body.includes('"worker_lost"');
const isExplained = (answer: Said) => [200, 503].includes(answer.status) || isOfLostWorker(answer);

interface Prediction {
  readonly class: string;
  readonly confidence: number;
}

/** Whether it names other classes than the answer before the load. A batch changes the last digits of a confidence. */
function differs(answer: Said, references: readonly string[]): boolean {
  if (answer.status !== 200) return false;
  const predictions = (body: string) => (JSON.parse(body) as { predictions: Prediction[] }).predictions;
  const [one, other] = [predictions(answer.body), predictions(references[answer.index] ?? "")];
  const isSame = ({ confidence }: Prediction, index: number) =>
    Math.abs(confidence - (other[index]?.confidence ?? 0)) <= confidenceTolerance;
  return one[0]?.class !== other[0]?.class || one.length !== other.length || !one.every(isSame);
}

/** What a run must not show. Empty when it passed. */
export function faultsOf(outcome: Ended): string[] {
  const { steady, bursts, references, health, bad, before, after, seconds, growthMbPerHour, kills, losses } = outcome;
  const predictions = [...steady, ...bursts];
  const count = (what: string, all: readonly unknown[]) => (all.length > 0 ? [`${all.length} ${what}`] : []);
  const grows = seconds >= judgedSeconds && growthMbPerHour > mostGrowthMbPerHour;
  return [
    ...count("predictions without an answer", predictions.filter(isLost)),
    ...count(
      "answers that differ",
      predictions.filter((answer) => differs(answer, references)),
    ),
    ...count(
      "answers other than 200, 503 and 500 of a lost worker",
      predictions.filter((one) => !isLost(one) && !isExplained(one)),
    ),
    ...count(
      "/health other than 200",
      health.filter(({ status }) => status !== 200),
    ),
    ...count(
      `bad requests answered unexpectedly, the first: ${firstBad(outcome)}`,
      bad.filter(({ isExpected }) => !isExpected),
    ),
    ...(grows
      ? [`memory in use grows by ${growthMbPerHour.toFixed(0)} MB/h; expected at most ${mostGrowthMbPerHour}`]
      : []),
    ...(losses < kills / 2 ? [`${losses} workers were replaced after ${kills} kills`] : []),
    ...(outcome.isReady ? [] : ["not ready after the load"]),
    ...((after?.sockets ?? 0) > (before?.sockets ?? 0)
      ? [`${after?.sockets} sockets open, before the load ${before?.sockets}`]
      : []),
    ...(outcome.end === "exit code 0" ? [] : [`SIGTERM ended the server with ${outcome.end}`]),
  ];
}

function firstBad({ bad }: Ended): string {
  const found = bad.find(({ isExpected }) => !isExpected);
  return found ? `${found.name}: ${found.status}` : "";
}

const ms = (value: number) => `${value.toFixed(value < 10 ? 1 : 0)} ms`;

function latencies(answers: readonly Said[]): string {
  const sorted = answers
    .filter(({ status }) => status === 200)
    .map(({ latencyMs }) => latencyMs)
    .sort((a, b) => a - b);
  return [50, 99, 100].map((percent) => ms(percentile(sorted, percent))).join(", ");
}

function statuses(answers: readonly { readonly status: number; readonly cause?: string }[]): string {
  const counts = new Map<string, number>();
  for (const answer of answers) counts.set(outcomeOf(answer), (counts.get(outcomeOf(answer)) ?? 0) + 1);
  return [...counts]
    .sort()
    .map(([status, count]) => `${count} × ${status}`)
    .join(", ");
}

const held = (at: Held | undefined, what: keyof Held) => (at === undefined ? "-" : String(at[what]));

export function report(outcome: Ended): string {
  const { steady, bursts, references, health, bad, slow, samples, before, after } = outcome;
  const predictions = [...steady, ...bursts];
  const megabytes = samples.map((sample) => sample.megabytes);
  const inUse = outcome.held.map((sample) => sample.megabytes);
  const at = (value: number | undefined) => (value ?? 0).toFixed(0);
  const rows: [string, string][] = [
    ["machine", `${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}`],
    ["date, time under load", `${new Date().toISOString().slice(0, 10)}, ${(outcome.seconds / 60).toFixed(1)} min`],
    ["capacity, load", `${outcome.capacity.toFixed(1)}, ${outcome.perSecond.toFixed(1)} predictions/s`],
    ["predictions at this load", statuses(steady)],
    ["p50, p99, longest", latencies(steady)],
    ["predictions of bursts", statuses(bursts)],
    ["p50, p99, longest", latencies(bursts)],
    ["lost answers", String(predictions.filter(isLost).length)],
    ["answers that differ", String(predictions.filter((answer) => differs(answer, references)).length)],
    ["/health", statuses(health)],
    ["p50, p99, longest", latencies(health)],
    ["bad requests", statuses(bad)],
    ["slow clients, cut off", statuses(slow.map((status) => ({ status })))],
    ["workers ended, replaced", `${outcome.kills}, ${outcome.losses}`],
    ["memory first, last, peak", `${at(megabytes[0])}, ${at(megabytes.at(-1))}, ${at(Math.max(...megabytes))} MB`],
    ["memory in use first, last, peak", `${at(inUse[0])}, ${at(inUse.at(-1))}, ${at(Math.max(0, ...inUse))} MB`],
    [
      "growth of memory in use",
      `${Math.round(outcome.growthMbPerHour) + 0} MB/h${outcome.seconds < judgedSeconds ? " (too short to judge)" : ""}`,
    ],
    ["sockets before, after", `${held(before, "sockets")}, ${held(after, "sockets")}`],
    ["threads before, after", `${held(before, "threads")}, ${held(after, "threads")}`],
    ["after SIGTERM", outcome.end],
  ];
  const notes = [
    "Memory in use: the least of four measurements before a worker ends, after collecting garbage and returning freed memory.",
    "Growth: the median slope between any two of these, after the first third.",
    "Latencies are of answers with 200, from the moment a request was due. The callers share the CPUs with the server.",
  ];
  return block({ title: "Soak", head: ["measured", "value"], rows, figures: 0, notes });
}
