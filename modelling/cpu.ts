import { cpus } from "node:os";
import { cpuFlags } from "../app/src/cpu-flags";

export interface Cpu {
  model: string;
  /** Whether it multiplies 8-bit numbers into 32-bit sums in one instruction; Arm's equal (dot product) counts. */
  vnni: boolean;
  /** Those of its instructions that decide how fast a model runs. */
  extensions: string[];
}

const decisive = ["avx2", "avx_vnni", "avx512_vnni", "avx512_bf16", "amx_int8", "amx_bf16", "asimddp", "bf16", "i8mm"];

export function describeCpu(cpuInfo?: string): Cpu {
  const flags = cpuFlags(cpuInfo);
  return {
    model: cpus()[0]?.model ?? "unknown",
    extensions: decisive.filter((flag) => flags.has(flag)),
    vnni: ["avx512_vnni", "avx_vnni", "asimddp"].some((flag) => flags.has(flag)),
  };
}
