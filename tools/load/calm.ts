import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { constantArrivals } from "./arrivals";
import type { Answer } from "./requests";
import { isWell } from "./summary";

type Ask = (index: number, dueMs: number) => Promise<Answer>;

const patienceMs = 60_000;
const betweenMs = 200;

/** What counts as no queue: an answer that takes twice as long as the fastest, and what a busy client adds. */
const calmAnswerMs = (fastestMs: number) => 2 * fastestMs + 20;

/** Opens connections and wakes up what sleeps, before anything is measured. The result is the fastest answer: there was no queue before it. */
export async function warmUp(ask: Ask, rate: { perSecond: number; seconds: number }): Promise<number> {
  const answers = await constantArrivals(rate, ask);
  return Math.min(...answers.filter(isWell).map(({ latencyMs }) => latencyMs));
}

/**
 * Whoever was asked too much may still be at work on requests that nobody waits for any more, and the next rate would be blamed for them.
 * Asks one at a time until an answer is as fast as without a load; false when none was for a minute.
 */
export async function untilCalm(ask: Ask, fastestMs: number): Promise<boolean> {
  const end = performance.now() + patienceMs;
  for (let index = 0; performance.now() < end; index++) {
    const answer = await ask(index, performance.now());
    if (isWell(answer) && answer.latencyMs <= calmAnswerMs(fastestMs)) return true;
    await sleep(betweenMs);
  }
  return false;
}
