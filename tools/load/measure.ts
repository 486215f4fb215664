import { constantArrivals } from "./arrivals";
import { type Lane, requestsOf } from "./lanes";
import { progress } from "./progress";
import { type Course, OneRate, RateSearch } from "./rate-search";
import type { Step } from "./recording";
import { type Sender, sender, type Target } from "./requests";
import { isWell, keeps, summary } from "./summary";

export interface Asked {
  readonly url: URL;
  readonly lanes: readonly Lane[];
  readonly photos: readonly NonNullable<Target["body"]>[];
  readonly perSecond: number;
  readonly seconds: number;
  /** Looks for the highest rate that keeps it; without it there is one rate. */
  readonly p99LimitMs?: number;
}

export interface Result {
  readonly steps: Step[];
  /** The highest rate that kept the objective; absent when none was looked for. */
  readonly highestPerSecond?: number;
}

/** A lane on its way, over connections of its own: one that hangs must not slow the others. */
interface Runner {
  readonly lane: Lane;
  readonly course: Course;
  readonly requests: Sender;
  readonly steps: Step[];
}

/** All lanes at the same time, so that they see the same minutes; in a search each goes its own way. */
export async function measure(asked: Asked): Promise<Result[]> {
  const { lanes, perSecond, p99LimitMs } = asked;
  const course = () => (p99LimitMs === undefined ? new OneRate(perSecond) : new RateSearch(perSecond));
  const runners = lanes.map((lane): Runner => ({ lane, course: course(), requests: sender(), steps: [] }));
  const startedMs = performance.now();
  try {
    while (runners.some((runner) => runner.course.next !== undefined)) await nextStep(asked, runners, startedMs);
  } finally {
    await Promise.all(runners.map(({ requests }) => requests.close()));
  }
  return runners.map(({ course, steps }) => ({ steps, highestPerSecond: course.found }));
}

async function nextStep({ url, photos, seconds, p99LimitMs }: Asked, runners: readonly Runner[], startedMs: number) {
  const count = { well: 0, errors: 0 };
  const going = runners.flatMap((runner) => {
    const rate = runner.course.next;
    return rate === undefined ? [] : [{ ...runner, rate }];
  });
  const label = going.map(({ lane, rate }) => `${lane.name} ${Number(rate.toPrecision(3))}/s`).join(", ");
  const end = progress(label, seconds, () => `${count.well} answered, ${count.errors} errors`);
  const steps = going.map(async ({ lane, course, rate, requests, steps }, index) => {
    const began = performance.now();
    const ask = requestsOf(lane, url, photos, requests);
    // Between each other's requests, not in the same instant.
    const arrivals = { perSecond: rate, seconds, offsetSeconds: index / going.length / rate };
    const answers = await constantArrivals(arrivals, async (at, dueMs) => {
      const answer = await ask(at, dueMs);
      if (isWell(answer)) count.well++;
      else count.errors++;
      return answer;
    });
    const told = summary(answers);
    const took = Math.max(seconds, (performance.now() - began) / 1000);
    const answeredPerSecond = (told.requests - told.errors) / took;
    const step = { perSecond: rate, seconds, beganAt: (began - startedMs) / 1000, answeredPerSecond, ...told };
    steps.push(step);
    course.tell(rate, keeps(step, p99LimitMs ?? 0));
  });
  await Promise.all(steps);
  end();
}
