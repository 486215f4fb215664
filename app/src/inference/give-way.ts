import { getPriority, setPriority } from "node:os";

/**
 * How far threads stand back for the one that reads and answers HTTP: it has little to do, but would wait for its turn among all that compute.
 * Beside it one gets a quarter of a core at 5 and a tenth at 10 (sched_prio_to_weight in Linux's kernel/sched/core.c). A picture that waits
 * for the model is nearer to its answer than one that is being decoded, and goes first.
 */
export const niceness = { model: 5, decoders: 10 } as const;
const mostNiceness = 19;

/** On Linux a thread has a priority of its own, which the threads that it starts inherit; elsewhere this would be the process's. */
export function giveWay(by: number, thread = 0): void {
  if (process.platform !== "linux") return;
  try {
    setPriority(thread, Math.min(getPriority(thread) + by, mostNiceness));
  } catch {
    // A sandbox may forbid it. Then all threads are equal.
  }
}
