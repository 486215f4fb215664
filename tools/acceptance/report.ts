import { total } from "../compare/scaling";
import type { TimedResource } from "./engine-events";
import type { Progress, StepRecord } from "./progress";
import { published } from "./published";
import { faultOf } from "./spoken";
import type { Step } from "./story";

/** What a reader may publish: report.json holds it. */
export interface Report extends Omit<Progress, "run" | "stack" | "source" | "clusters"> {
  readonly isMet: boolean;
  /** Titles of the steps that were not done. */
  readonly missing: readonly string[];
  readonly sent: number;
  readonly lost: number;
  readonly beside: readonly Beside[];
  readonly estimated: readonly Estimated[];
  /** From the start of the first update to the end of the destroy. */
  readonly hours: number;
  readonly usd: number;
}

/** A measured time beside a published one. */
export interface Beside {
  readonly what: string;
  readonly seconds: number;
  readonly figure: string;
  readonly source: string;
}

/** A measured time beside what compare had estimated. */
export interface Estimated {
  readonly what: string;
  readonly estimatedSeconds: number;
  readonly estimatedMost: number;
  readonly seconds?: number;
}

export function reportOf(progress: Progress, steps: readonly Step[]): Report {
  const { run: _run, stack: _stack, source: _source, clusters: _clusters, ...shown } = progress;
  const records = steps.flatMap(({ name }) => progress.steps.filter((record) => record.name === name));
  const missing = steps.filter(({ name }) => !progress.steps.some((record) => record.name === name));
  const sum = (of: (record: StepRecord) => number) => records.reduce((all, record) => all + of(record), 0);
  const hours = hoursOf(records);
  return withoutIdentity({
    ...shown,
    steps: records,
    isMet: missing.length === 0 && records.every((record) => faultOf(record) === undefined),
    missing: missing.map(({ title }) => title),
    sent: sum(({ requests }) => requests?.requests ?? 0),
    lost: sum(({ requests }) => requests?.errors ?? 0),
    beside: besidePublished(records),
    estimated: besideEstimates(progress, steps),
    hours,
    usd: hours * progress.estimate.usdPerHour,
  });
}

function hoursOf(records: readonly StepRecord[]): number {
  const paid = records.filter(({ name }) => name !== "preview" && name !== "leftovers");
  const starts = paid.map(({ startedAt }) => Date.parse(startedAt));
  const ends = paid.map(({ startedAt, seconds }) => Date.parse(startedAt) + seconds * 1000);
  return paid.length === 0 ? 0 : (Math.max(...ends) - Math.min(...starts)) / 3_600_000;
}

const createdIn = (records: readonly StepRecord[]): readonly TimedResource[] =>
  records.flatMap(({ created = [] }) => created);

/** Only figures of what the run itself did. Several NAT gateways are one line: the longest. */
function besidePublished(records: readonly StepRecord[]): Beside[] {
  return published.flatMap(({ what, figure, source, of }) => {
    const times =
      of === "task"
        ? records.map(({ taskSeconds }) => taskSeconds)
        : createdIn(records).map(({ type, seconds }) => (type === of.type ? seconds : undefined));
    const known = times.filter((seconds) => seconds !== undefined);
    return known.length === 0 ? [] : [{ what, seconds: Math.max(...known), figure, source }];
  });
}

/** The parts that compare names as "Vpc inference": type and name. */
function besideEstimates({ estimate: { firstUrl }, steps: records }: Progress, steps: readonly Step[]): Estimated[] {
  const [first] = steps.filter(({ creates }) => creates !== undefined);
  const up = records.find(({ name, outcome }) => name === first?.name && outcome === "done");
  const measured = new Map<string, number>(
    createdIn(records).map(({ type, name, seconds }) => [`${type.split(":").pop()} ${name}`, seconds]),
  );
  const parts = new Map(firstUrl.flatMap(({ waits }) => waits).map((wait) => [wait.what, wait] as const));
  const wholes = firstUrl
    .filter(({ target }) => target === first?.creates)
    .map(({ label, waits }) => {
      const { least, most } = total(waits);
      return { what: `${label}, first URL`, estimatedSeconds: least, estimatedMost: most, seconds: up?.seconds };
    });
  const each = [...parts.values()].map(({ what, seconds, most = seconds }) => ({
    what,
    estimatedSeconds: seconds,
    estimatedMost: most,
    seconds: measured.get(what),
  }));
  return [...wholes, ...each.filter(({ seconds }) => seconds !== undefined)];
}

/** Account ids, access keys, hosts and addresses stay at home. */
export function redacted(text: string): string {
  return text
    .replace(/\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b/g, "<key>")
    .replace(/\bhttps?:\/\/[^\s"')]+/g, "<url>")
    .replace(/\b[\w-]+(?:\.[\w-]+)*\.(?:amazonaws\.com(?:\.cn)?|eks\.amazonaws\.com)\b(?::\d+)?/g, "<host>")
    .replace(/(?<![\w-])\d{12}(?![\w-])/g, "<account>")
    .replace(/\b\d{1,3}(?:\.\d{1,3}){3}\b/g, "<address>")
    .replace(/\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b/g, "<mail>");
}

function withoutIdentity(report: Report): Report {
  return JSON.parse(JSON.stringify(report), (_, value) => (typeof value === "string" ? redacted(value) : value));
}
