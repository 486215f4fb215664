import { performance } from "node:perf_hooks";
import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";
import type { Answer } from "./requests";

export interface Rate {
  readonly perSecond: number;
  readonly seconds: number;
  /** When the first one is due. */
  readonly offsetSeconds?: number;
}

/**
 * Requests at even distances whether or not earlier ones are answered, as callers arrive who do not know of each other. One that waited
 * for answers would go quiet exactly when the server is slow, and would not see it. What a late timer let pass goes out together, each
 * against the moment it was due.
 */
export async function constantArrivals(
  { perSecond, seconds, offsetSeconds = 0 }: Rate,
  send: (index: number, dueMs: number) => Promise<Answer>,
): Promise<Answer[]> {
  const count = Math.max(1, Math.round(perSecond * seconds));
  const start = performance.now() + offsetSeconds * 1000;
  const pending: Promise<Answer>[] = [];
  while (pending.length < count) {
    const due = start + (pending.length * 1000) / perSecond;
    const early = due - performance.now();
    if (early > 0) await sleep(early);
    else {
      pending.push(send(pending.length, due));
      // Who is behind still has to listen to the answers.
      if (pending.length % 100 === 0) await turn();
    }
  }
  return Promise.all(pending);
}
