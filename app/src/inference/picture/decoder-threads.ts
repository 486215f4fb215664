import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { giveWay, niceness } from "../give-way";

/**
 * Pictures are decoded in libuv's pool and in the threads that libvips starts from there. The pool starts with its first use, which is here:
 * so this is imported before sharp, which uses it as soon as it is loaded.
 */
function startPool(): void {
  const before = new Set(threads());
  randomBytes(1, () => undefined);
  for (const thread of threads()) if (!before.has(thread)) giveWay(niceness.decoders, Number(thread));
}

const threads = () => readdirSync("/proc/self/task");

if (process.platform === "linux") {
  try {
    startPool();
  } catch {
    // Without /proc nobody knows the threads. Then all are equal.
  }
}
