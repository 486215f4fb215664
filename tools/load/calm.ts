import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { constantArrivals } from "./arrivals";
import type { Answer } from "./requests";
import { isWell } from "./summary";

type Ask = (index: number, dueMs: number) => Promise<Answer>;

const patienceMs = 60_000;
const betweenMs = 200;

/** Up to this latency the server has no queue: twice the fastest answer, plus what a busy client adds. */
const calmAnswerMs = (fastestMs: number) => 2 * fastestMs + 20;

/** Opens connections and warms up the server before the measurement. Returns the fastest latency, which no queue delayed. */
export async function warmUp(ask: Ask, rate: { perSecond: number; seconds: number }): Promise<number> {
  const answers = await constantArrivals(rate, ask);
  return Math.min(...answers.filter(isWell).map(({ latencyMs }) => latencyMs));
}

/**
 * An overloaded server may still work on requests whose clients have gone, which would slow the next step. Sends one request at a time
 * until an answer is as fast as without load. Returns false when none was within a minute.
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
