import type { Counted } from "./counted-load";
import type { Leftover } from "./leftovers";
import type { StepRecord } from "./progress";

export function duration(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  return `${minutes} min ${Math.round(seconds - minutes * 60)} s`;
}

const count = (value: number) => value.toLocaleString("en");

/** "3 of 4,120 requests lost: no answer (ECONNRESET) 2, 503 1, between 31 s and 33 s" */
export function lostOf({ requests, errors, statuses, lostBetween }: Counted): string {
  const sum = `${count(errors)} of ${count(requests)} requests lost`;
  if (errors === 0) return sum;
  const bad = Object.entries(statuses).filter(([outcome]) => !/^2/.test(outcome));
  const kinds = bad.map(([outcome, times]) => `${outcome} ${count(times)}`);
  const [from, to] = lostBetween ?? [];
  const when = from === undefined || to === undefined ? "" : `, between ${from.toFixed(0)} s and ${to.toFixed(0)} s`;
  return `${sum}: ${kinds.join(", ")}${when}`;
}

/** Kept ones are in the list, and count for nothing. */
export const leftIn = ({ leftovers = [] }: Pick<StepRecord, "leftovers">): readonly Leftover[] =>
  leftovers.filter(({ kept }) => kept === undefined);

/** Why the step is not what it must be; undefined when it is. */
export function faultOf(step: StepRecord): string | undefined {
  if (step.outcome !== "done") return step.why ?? step.outcome;
  if (step.requests && step.requests.errors > 0) return lostOf(step.requests);
  if (step.requests?.requests === 0) return "no request was sent";
  const left = leftIn(step);
  return left.length > 0 ? `${left.length} resources are left` : undefined;
}

/** The lines on the terminal after a step. */
export function told(step: StepRecord): string {
  const state =
    step.outcome === "done" ? `done in ${duration(step.seconds)}` : `${step.outcome} after ${duration(step.seconds)}`;
  const lines = [
    state,
    ...(step.why === undefined ? [] : [step.why]),
    ...step.facts,
    ...(step.requests ? [`${lostOf(step.requests)}.`] : []),
    ...(step.leftovers ?? []).map(({ arn, kept, remove }) => `${arn}${kept ? ` (${kept})` : ""}: ${remove}`),
  ];
  return lines
    .flatMap((line) => line.split("\n"))
    .map((line) => `  ${line}`)
    .join("\n");
}
