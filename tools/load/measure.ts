import { constantArrivals } from "./arrivals";
import { untilCalm, warmUp } from "./calm";
import { type Lane, requestsOf } from "./lanes";
import { progress } from "./progress";
import { type Course, OneRate, RateSearch } from "./rate-search";
import type { Step } from "./recording";
import { type RequestTemplate, type Sender, sender } from "./requests";
import { isWell, keeps, summary } from "./summary";

export interface Asked {
  readonly url: URL;
  readonly lanes: readonly Lane[];
  readonly templates: readonly RequestTemplate[];
  readonly perSecond: number;
  readonly seconds: number;
  /** With a limit, searches for the highest rate within it. Without one, the rate is constant. */
  readonly p99LimitMs?: number;
  /** Ends a constant rate early. */
  readonly signal?: AbortSignal;
}

export interface Result {
  readonly steps: Step[];
  /** The highest rate that kept the objective; absent without a search. */
  readonly highestPerSecond?: number;
}

/** A lane with its own connections: a lane that hangs must not slow the others. */
interface Runner {
  readonly lane: Lane;
  readonly course: Course;
  readonly requests: Sender;
  readonly ask: ReturnType<typeof requestsOf>;
  readonly steps: Step[];
}

/** Measures all lanes at the same time, so that conditions are equal. In a search each lane has its own rates. */
export async function measure(asked: Asked): Promise<Result[]> {
  const { lanes, url, templates, perSecond, p99LimitMs } = asked;
  const course = () => (p99LimitMs === undefined ? new OneRate(perSecond) : new RateSearch(perSecond));
  const runners = lanes.map((lane): Runner => {
    const requests = sender();
    return { lane, course: course(), requests, ask: requestsOf(lane, url, templates, requests), steps: [] };
  });
  const startedMs = performance.now();
  try {
    if (p99LimitMs === undefined) await nextStep(asked, runners, startedMs);
    else await search({ ...asked, p99LimitMs }, runners, startedMs);
  } finally {
    await Promise.all(runners.map(({ requests }) => requests.close()));
  }
  return runners.map(({ course, steps }) => ({ steps, highestPerSecond: course.found }));
}

/** A tenth of a step, which is not counted. */
const warmUpShare = 0.1;

/** Runs one step after the other, each once the server has no queue. */
async function search(asked: Asked & { p99LimitMs: number }, runners: readonly Runner[], startedMs: number) {
  const { perSecond, seconds } = asked;
  const rate = { perSecond, seconds: seconds * warmUpShare };
  const fastest = new Map<Runner, number>();
  const wake = async (runner: Runner) => {
    fastest.set(runner, await warmUp(runner.ask, rate));
    await rest(runner, fastest.get(runner));
  };
  await Promise.all(runners.map(wake));
  while (runners.some(({ course }) => course.next !== undefined)) {
    await nextStep(asked, runners, startedMs);
    await Promise.all(runners.filter(overloaded(asked.p99LimitMs)).map((runner) => rest(runner, fastest.get(runner))));
  }
}

const overloaded =
  (p99LimitMs: number) =>
  ({ course, steps }: Runner) => {
    const last = steps.at(-1);
    return course.next !== undefined && last !== undefined && !keeps(last, p99LimitMs);
  };

async function rest({ lane, ask }: Runner, fastestMs = Number.POSITIVE_INFINITY): Promise<void> {
  // A lane that never answered successfully has no fastest latency to wait for.
  if (fastestMs === Number.POSITIVE_INFINITY || (await untilCalm(ask, fastestMs))) return;
  console.error(`${lane.name} still works on earlier requests, which may slow the next step`);
}

async function nextStep({ seconds, p99LimitMs, signal }: Asked, runners: readonly Runner[], startedMs: number) {
  const count = { well: 0, errors: 0 };
  const going = runners.flatMap((runner) => {
    const rate = runner.course.next;
    return rate === undefined ? [] : [{ ...runner, rate }];
  });
  const label = going.map(({ lane, rate }) => `${lane.name} ${Number(rate.toPrecision(3))}/s`).join(", ");
  const end = progress(label, seconds, () => `${count.well} answered, ${count.errors} errors`);
  const steps = going.map(async ({ course, rate, ask, steps }, index) => {
    const began = performance.now();
    // The lanes' requests alternate, so that they do not arrive at the same instant.
    const arrivals = { perSecond: rate, seconds, offsetSeconds: index / going.length / rate, signal };
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
