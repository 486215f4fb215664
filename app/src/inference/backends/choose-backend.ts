import { cpuFlags } from "../../cpu-flags";
import type { Precision, RunPrecision } from "../../model/manifest";

export const runtimes = ["auto", "onnxruntime", "openvino"] as const;
export type Runtime = Exclude<(typeof runtimes)[number], "auto">;

export interface Wish {
  runtime: (typeof runtimes)[number];
  /** Absent: that of the file. */
  precision?: RunPrecision;
  /** OpenVINO's C library, where it is installed. */
  openvinoLibrary?: string;
}

export interface Backend {
  runtime: Runtime;
  precision: RunPrecision;
  /** Given when OpenVINO is to run the model. */
  openvino?: { library: string; isRequired: boolean };
  /** Why the precision is not the one that was asked for. */
  shortfall?: string;
}

/** What runs the model on this CPU. Without need for OpenVINO, onnxruntime does: it is as fast and takes less memory. */
export function chooseBackend(wish: Wish, file: Precision, flags = cpuFlags()): Backend {
  const { runtime, openvinoLibrary: library } = wish;
  const wantsBf16 = wish.precision === "bf16";
  const shortfall = wantsBf16 ? bf16Obstacle(library, flags) : undefined;
  const precision = wantsBf16 && shortfall === undefined ? "bf16" : file;
  const gains = precision === "bf16" || (precision === "int8" && flags.has("amx_int8"));
  if (library === undefined || runtime === "onnxruntime" || (runtime === "auto" && !gains)) {
    return { runtime: "onnxruntime", precision, shortfall };
  }
  const openvino = { library, isRequired: runtime === "openvino" };
  return { runtime: "openvino", precision, openvino, shortfall };
}

/** Without the instructions, OpenVINO would imitate bf16 in float32 and be slower than in fp32. */
function bf16Obstacle(library: string | undefined, flags: ReadonlySet<string>): string | undefined {
  if (library === undefined) return "OpenVINO is not installed, and onnxruntime has no bf16 on CPUs";
  return flags.has("avx512_bf16") || flags.has("amx_bf16") ? undefined : "this CPU has no bf16 instructions";
}
