import { setTimeout as sleep } from "node:timers/promises";

const limitMs = 240_000;
const betweenMs = 200;

/** Waits until something is so, and fails with its name when it takes too long. */
export async function until(what: string, isSo: () => Promise<boolean> | boolean): Promise<void> {
  for (const endMs = Date.now() + limitMs; Date.now() < endMs; await sleep(betweenMs)) if (await isSo()) return;
  throw new Error(`${what}: not within ${limitMs / 1000} s`);
}
