import { getPriority, setPriority } from "node:os";

/** Beside a thread of the usual priority this one gets a quarter of a core (sched_prio_to_weight in Linux's kernel/sched/core.c). */
const niceness = 5;
const mostNiceness = 19;

/**
 * Lets the thread that reads and answers HTTP go before this one: it has little to do, but would wait for its turn among all that
 * compute. On Linux a thread has a priority of its own, which the threads that it starts inherit; elsewhere this would be the process's.
 */
export function giveWay(): void {
  if (process.platform !== "linux") return;
  try {
    setPriority(0, Math.min(getPriority(0) + niceness, mostNiceness));
  } catch {
    // A sandbox may forbid it. Then all threads are equal.
  }
}
