import type { Answer } from "./requests";

export interface Summary {
  readonly requests: number;
  readonly errors: number;
  /** Outcome -> how many. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** The smallest latency that this percentage of the requests does not exceed. */
export function percentile(sorted: readonly number[], percent: number): number {
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? 0;
}

/** A redirect is an error: no model processed the photo. */
export const isWell = ({ status }: Pick<Answer, "status">) => status >= 200 && status < 300;

/** The status, or why there is none. */
export const outcomeOf = ({ status, cause = "unknown" }: Pick<Answer, "status" | "cause">): string =>
  status === 0 ? `no answer (${cause})` : String(status);

/** The latencies of successful answers. All others are errors, counted by outcome. */
export function summary(answers: readonly Answer[]): Summary {
  const well = answers.filter(isWell);
  const sorted = well.map(({ latencyMs }) => latencyMs).sort((a, b) => a - b);
  const statuses: Record<string, number> = {};
  for (const answer of answers) statuses[outcomeOf(answer)] = (statuses[outcomeOf(answer)] ?? 0) + 1;
  return {
    requests: answers.length,
    errors: answers.length - well.length,
    statuses,
    p50Ms: percentile(sorted, 50),
    p90Ms: percentile(sorted, 90),
    p99Ms: percentile(sorted, 99),
    maxMs: sorted.at(-1) ?? 0,
  };
}

/** The share of errors that the objective allows. */
const errorShare = 0.001;

export const keeps = ({ requests, errors, p99Ms }: Summary, p99LimitMs: number): boolean =>
  requests > errors && errors <= requests * errorShare && p99Ms <= p99LimitMs;
