import { readFileSync } from "node:fs";
import { cpus } from "node:os";

export interface Cpu {
  model: string;
  /** Whether it multiplies 8-bit numbers into 32-bit sums in one instruction; Arm's equal (dot product) counts. */
  vnni: boolean;
}

export function describeCpu(cpuInfo = readCpuInfo()): Cpu {
  const flags = new Set(/^(?:flags|Features)\s*:(.*)$/m.exec(cpuInfo)?.[1]?.trim().split(/\s+/));
  return {
    model: cpus()[0]?.model ?? "unknown",
    vnni: ["avx512_vnni", "avx_vnni", "asimddp"].some((flag) => flags.has(flag)),
  };
}

function readCpuInfo(): string {
  try {
    return readFileSync("/proc/cpuinfo", "utf8");
  } catch {
    return "";
  }
}
