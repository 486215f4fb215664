import { setTimeout as sleep } from "node:timers/promises";
import { readAgain, type Wait } from "./read-again";

/** What a variant that gains traffic shows at one moment. */
export interface Reading {
  readonly variant: string;
  /** Names of its alarms that fire. */
  readonly firing: readonly string[];
  readonly healthy: number;
  /** Since the beginning of the bake, as the load balancer counted. */
  readonly requests: number;
  readonly errors: number;
}

export interface Limits {
  /** The least replicas of a variant at this moment. */
  readonly replicas: () => number;
  /** Whether the schedule has stopped all replicas. */
  readonly isAsleep: () => boolean;
  readonly errorPercent: number;
}

export interface BakeOptions {
  readonly seconds: number;
  readonly read: (since: Date) => Promise<readonly Reading[]>;
  readonly limits: Limits;
  readonly signal: AbortSignal;
  readonly tell: (text: string) => void;
  readonly now?: () => Date;
  readonly wait?: Wait;
}

/** As the alarm `failing`: of fewer requests a percentage means nothing. */
const fewestRequests = 20;
const pollSeconds = 15;
/** A replica that Spot took back is replaced in this time. */
const replacementSeconds = 120;

/** Watches until the time is over. Returns why the release must go back, or nothing. */
export async function bake(options: BakeOptions): Promise<string | undefined> {
  const { seconds, read, limits, signal, tell, now = () => new Date() } = options;
  const { wait = (span) => sleep(span * 1000, undefined, { signal }) } = options;
  const start = now();
  const fewSince = new Map<string, number>();
  for (;;) {
    const readings = await readAgain("the alarms, replicas and requests", () => read(start), wait);
    const elapsed = (now().getTime() - start.getTime()) / 1000;
    for (const reading of readings) {
      const few = reading.healthy < limits.replicas();
      if (few && !fewSince.has(reading.variant)) fewSince.set(reading.variant, elapsed);
      if (!few) fewSince.delete(reading.variant);
      const fewFor = elapsed - (fewSince.get(reading.variant) ?? elapsed);
      const fault = faultOf(reading, limits, fewFor);
      if (fault !== undefined) return `${reading.variant}: ${fault}`;
    }
    const isOver = elapsed >= seconds;
    tell(`${Math.round(elapsed)} s of ${seconds}: ${readings.map(summary).join("; ")}`);
    if (isOver || signal.aborted) return undefined;
    // An interruption ends the wait.
    await wait(Math.min(pollSeconds, seconds - elapsed)).catch(() => undefined);
    if (signal.aborted) return undefined;
  }
}

/** Why a variant must not have its traffic, or nothing. `fewFor` has the seconds with too few replicas. */
export function faultOf(
  { firing, healthy, requests, errors }: Reading,
  limits: Limits,
  fewFor: number,
): string | undefined {
  const least = limits.replicas();
  if (limits.isAsleep()) return "the schedule has 0 replicas now, so it cannot be watched";
  if (firing.length > 0) return `alarm ${firing.join(", ")} fires`;
  if (healthy === 0 && least > 0) return "no replica is healthy";
  if (fewFor >= replacementSeconds)
    return `${healthy} of at least ${least} replicas healthy for ${Math.round(fewFor)} s`;
  if (requests < fewestRequests || (100 * errors) / requests <= limits.errorPercent) return undefined;
  return `${percent(errors, requests)} of ${requests} requests failed; expected at most ${limits.errorPercent} %`;
}

const percent = (errors: number, requests: number) => `${((100 * errors) / requests).toFixed(1)} %`;

function summary({ variant, healthy, requests, errors }: Reading): string {
  const share =
    requests < fewestRequests
      ? `${requests} requests, too few to judge`
      : `${requests} requests, ${percent(errors, requests)} failed`;
  return `${variant} has ${healthy} healthy, no alarm, ${share}`;
}
