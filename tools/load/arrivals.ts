import { performance } from "node:perf_hooks";
import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";
import type { Answer } from "./requests";

export interface Rate {
  readonly perSecond: number;
  readonly seconds: number;
  /** When the first request is due. */
  readonly offsetSeconds?: number;
  /** Ends the load early. */
  readonly signal?: AbortSignal;
}

/**
 * Sends at a constant rate whether or not earlier requests are answered, like independent callers. A client that waits for answers sends
 * less exactly when the server is slow, and does not measure it. After a late timer all overdue requests go out together, each measured
 * from the moment it was due.
 */
export async function constantArrivals<A extends Answer>(
  { perSecond, seconds, offsetSeconds = 0, signal }: Rate,
  send: (index: number, dueMs: number) => Promise<A>,
): Promise<A[]> {
  const count = Math.max(1, Math.round(perSecond * seconds));
  const start = performance.now() + offsetSeconds * 1000;
  const pending: Promise<A>[] = [];
  while (pending.length < count && !signal?.aborted) {
    const due = start + (pending.length * 1000) / perSecond;
    const early = due - performance.now();
    if (early > 0) await sleep(early);
    else {
      pending.push(send(pending.length, due));
      // A sender that is behind must still read the answers.
      if (pending.length % 100 === 0) await turn();
    }
  }
  return Promise.all(pending);
}
