import { setTimeout as sleep } from "node:timers/promises";
import { reasonOf } from "../../components/core/reason";
import { UserError } from "../cli/user-error";

const tries = 3;
const betweenSeconds = 5;

export type Wait = (seconds: number) => Promise<unknown>;

/** One throttled answer is no reason to go back. What stays unreadable is one: nothing would see the new version fail. */
export async function readAgain<T>(
  what: string,
  read: () => Promise<T>,
  wait: Wait = (seconds) => sleep(seconds * 1000),
): Promise<T> {
  for (let left = tries; ; left--) {
    try {
      return await read();
    } catch (error) {
      if (left === 1) throw new UserError(`${what} could not be read in ${tries} tries: ${reasonOf(error)}`);
    }
    // An interruption ends the wait.
    await wait(betweenSeconds).catch(() => undefined);
  }
}
