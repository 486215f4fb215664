import { setTimeout as sleep } from "node:timers/promises";

export interface TargetReader {
  healthyTargets(targetGroupArn: string): Promise<number>;
}

export interface Polling {
  readonly report: (text: string) => unknown;
  readonly limitSeconds?: number;
  readonly pollSeconds?: number;
  readonly wait?: (seconds: number) => Promise<unknown>;
  readonly now?: () => number;
}

/** The clock of the machine, unless a test brings its own. */
export const clockOf = ({ wait, now }: Pick<Polling, "wait" | "now">) => ({
  wait: wait ?? ((seconds: number) => sleep(seconds * 1000)),
  now: now ?? (() => Date.now() / 1000),
});

/** The result of one poll. */
export type PollResult = { readonly done: true } | { readonly done: false; readonly progress: string };

/** Polls until it is done and reports each change of progress once. After the limit it throws the error that `explain` returns. */
export async function pollUntilDone(
  subject: string,
  poll: () => Promise<PollResult>,
  { report, limitSeconds = 600, pollSeconds = 5, ...clock }: Polling,
  explain: (summary: string) => Promise<Error>,
): Promise<void> {
  const { wait, now } = clockOf(clock);
  const start = now();
  let reported = "";
  for (;;) {
    const found = await poll();
    if (found.done) return;
    const { progress } = found;
    const elapsed = Math.round(now() - start);
    if (elapsed >= limitSeconds) throw await explain(`${subject} is not ready after ${elapsed} s: ${progress}`);
    if (progress !== reported) await report(`${subject}: ${progress}`);
    reported = progress;
    await wait(pollSeconds);
  }
}
