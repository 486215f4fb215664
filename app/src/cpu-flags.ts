import { readFileSync } from "node:fs";

/** The instruction sets that Linux lists for this CPU. Empty on other systems. */
export function cpuFlags(cpuInfo = readCpuInfo()): ReadonlySet<string> {
  return new Set(/^(?:flags|Features)\s*:(.*)$/m.exec(cpuInfo)?.[1]?.trim().split(/\s+/));
}

function readCpuInfo(): string {
  try {
    return readFileSync("/proc/cpuinfo", "utf8");
  } catch {
    return "";
  }
}
