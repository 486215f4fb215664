import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

/**
 * The number of CPUs whose time this container may use. The number of visible CPUs misleads: a container with half a CPU
 * still sees all CPUs of the machine.
 */
export function cpuShare(cpuUnits: number | undefined, cpuMaxFile = "/sys/fs/cgroup/cpu.max"): number {
  if (cpuUnits !== undefined) return cpuUnits / 1024;
  return Math.min(quota(cpuMaxFile) ?? Number.POSITIVE_INFINITY, availableParallelism());
}

/** cgroup v2 writes "<quota> <period>" in microseconds, or "max <period>" where there is no limit. */
function quota(file: string): number | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
  const [limit, period] = text.trim().split(" ").map(Number);
  return limit && period ? limit / period : undefined;
}
