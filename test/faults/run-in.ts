import { rmSync } from "node:fs";
import type { Result, Running } from "../engine/support/runner";

const interruptions = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Null after a signal to this process. */
export type Ended = Result | null;

/**
 * The result of a command in a folder that is removed when the command has ended. A signal to this process ends the command first,
 * which needs its folder to stop what it started; after the grace period it is killed.
 */
export async function runIn(folder: string, start: () => Running, graceMs = 60_000): Promise<Ended> {
  let isInterrupted = false;
  let running: Running | undefined;
  let grace: NodeJS.Timeout | undefined;
  const stop = () => {
    isInterrupted = true;
    running?.signal("SIGTERM");
    grace ??= setTimeout(() => running?.killAll(), graceMs);
  };
  // Not once: a second signal would end this process before the command.
  for (const signal of interruptions) process.on(signal, stop);
  try {
    running = start();
    const result = await running.result;
    return isInterrupted ? null : result;
  } finally {
    clearTimeout(grace);
    for (const signal of interruptions) process.off(signal, stop);
    rmSync(folder, { recursive: true, force: true });
  }
}
