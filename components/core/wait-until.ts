import { setTimeout as sleep } from "node:timers/promises";

export interface TargetReader {
  healthyTargets(targetGroupArn: string): Promise<number>;
}

export interface Patience {
  readonly tell: (text: string) => unknown;
  readonly limitSeconds?: number;
  readonly pollSeconds?: number;
  readonly wait?: (seconds: number) => Promise<unknown>;
  readonly now?: () => number;
}

/** The result of one poll. */
export type Look = { readonly done: true } | { readonly done: false; readonly progress: string };

/** Polls until it is done and reports each change of progress once. After the limit it throws the error that `explain` returns. */
export async function lookUntilDone(
  subject: string,
  look: () => Promise<Look>,
  { tell, limitSeconds = 600, pollSeconds = 5, ...clock }: Patience,
  explain: (summary: string) => Promise<Error>,
): Promise<void> {
  const { wait = (seconds) => sleep(seconds * 1000), now = () => Date.now() / 1000 } = clock;
  const start = now();
  let told = "";
  for (;;) {
    const found = await look();
    if (found.done) return;
    const { progress } = found;
    const elapsed = Math.round(now() - start);
    if (elapsed >= limitSeconds) throw await explain(`${subject} is not ready after ${elapsed} s: ${progress}`);
    if (progress !== told) await tell(`${subject}: ${progress}`);
    told = progress;
    await wait(pollSeconds);
  }
}
