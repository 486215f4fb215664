import { performance } from "node:perf_hooks";
import type { AskedLoad } from "../load/arguments";
import { constantArrivals } from "../load/arrivals";
import { requestsOf } from "../load/lanes";
import type { Recording } from "../load/recording";
import { requestTemplates } from "../load/request-template";
import { type Answer, sender } from "../load/requests";
import { isWell, type Summary, summary } from "../load/summary";

/** Every request of a step. */
export interface Counted extends Summary {
  /** Of the first and the last request that was lost, in seconds since the start of the load. */
  readonly lostBetween?: readonly [number, number];
}

export interface RunningLoad {
  /** Counts so far: sent, and lost. */
  readonly soFar: { readonly sent: number; readonly lost: number };
  /** Waits for the answers that are still missing. */
  stop(): Promise<Counted>;
}

/** Sends to the public route, by the weights, until it is stopped. */
export async function startLoad(
  url: string,
  perSecond: number,
  { headers, request }: Pick<AskedLoad, "headers" | "request">,
): Promise<RunningLoad> {
  const templates = await requestTemplates(request);
  const requests = sender();
  const base = new URL(url.endsWith("/") ? url : `${url}/`);
  const ask = requestsOf({ name: "public", headers }, base, templates, requests);
  const end = new AbortController();
  const soFar = { sent: 0, lost: 0 };
  const lostAt: number[] = [];
  const start = performance.now();
  const all = constantArrivals(
    { perSecond, seconds: Number.POSITIVE_INFINITY, signal: end.signal },
    async (index, dueMs) => {
      soFar.sent++;
      const answer: Answer = await ask(index, dueMs);
      if (isWell(answer)) return answer;
      soFar.lost++;
      lostAt.push((dueMs - start) / 1000);
      return answer;
    },
  );
  return {
    soFar,
    stop: async () => {
      end.abort();
      const answers = await all;
      await requests.close();
      const lostBetween = [Math.min(...lostAt), Math.max(...lostAt)] as const;
      return { ...summary(answers), ...(lostAt.length > 0 && { lostBetween }) };
    },
  };
}

/** The counts of `npm run load`, all variants together. Of the latencies the highest. */
export function countsOf({ lanes }: Recording): Counted {
  const steps = lanes.flatMap((lane) => lane.steps);
  const sum = (of: (step: Summary) => number) => steps.reduce((all, step) => all + of(step), 0);
  const most = (of: (step: Summary) => number) => Math.max(0, ...steps.map(of));
  const statuses: Record<string, number> = {};
  for (const step of steps)
    for (const [outcome, count] of Object.entries(step.statuses)) statuses[outcome] = (statuses[outcome] ?? 0) + count;
  return {
    requests: sum(({ requests }) => requests),
    errors: sum(({ errors }) => errors),
    statuses,
    p50Ms: most(({ p50Ms }) => p50Ms),
    p90Ms: most(({ p90Ms }) => p90Ms),
    p99Ms: most(({ p99Ms }) => p99Ms),
    maxMs: most(({ maxMs }) => maxMs),
  };
}
