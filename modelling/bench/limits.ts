import { spawnSync } from "node:child_process";
import path from "node:path";
import { performance } from "node:perf_hooks";
import { cpuFlags } from "../../app/src/cpu-flags";
import { libraryFile } from "../../app/src/inference/backends/openvino-library";
import { InferenceSession } from "../../app/src/inference/runtime";
import { encodeModel } from "../onnx/file";
import { openvinoFolder, type Precision, precisions, python } from "./contestants";
import { openvinoProduct } from "./openvino-product";
import { inputs, product, side } from "./product-model";

/** How fast this machine multiplies matrices that suit it, in GFLOP/s: more than a convolution gets. */
export interface Limits {
  measure(durationMs: number): Promise<Partial<Record<Precision, number>>>;
}

type Multiply = () => Promise<unknown>;

/** The best of onnxruntime, OpenVINO and, where Python has them, numpy and PyTorch. No bf16 on a CPU without it. */
export async function openLimits(threads: number): Promise<Limits> {
  const products: [Precision, Multiply][] = [
    ["fp32", await onnxruntimeProduct("fp32", threads)],
    ["int8", await onnxruntimeProduct("int8", threads)],
  ];
  const library = libraryFile(openvinoFolder);
  const flags = cpuFlags();
  if (library !== undefined && (flags.has("avx512_bf16") || flags.has("amx_bf16"))) {
    products.push(["bf16", openvinoProduct(library, threads)]);
  }
  return {
    async measure(durationMs) {
      const own: [Precision, number][] = [];
      for (const [precision, multiply] of products) own.push([precision, await gflops(multiply, durationMs)]);
      const reached = [...own, ...pythonProducts(threads)];
      return Object.fromEntries(precisions.map((precision) => [precision, best(precision, reached)]));
    },
  };
}

const best = (precision: Precision, reached: [Precision, number][]) => {
  const own = reached.filter(([each]) => each === precision).map(([, rate]) => rate);
  return own.length === 0 ? undefined : Math.max(...own);
};

function pythonProducts(threads: number): [Precision, number][] {
  const script = path.join(__dirname, "products.py");
  const { status, stdout } = spawnSync(python, [script, `${threads}`], { encoding: "utf8", timeout: 60_000 });
  return status === 0 ? (Object.entries(JSON.parse(stdout)) as [Precision, number][]) : [];
}

async function onnxruntimeProduct(precision: "fp32" | "int8", threads: number): Promise<Multiply> {
  const session = await InferenceSession.create(encodeModel(product(precision)), { intraOpNumThreads: threads });
  const feed = inputs(precision);
  return () => session.run(feed);
}

async function gflops(multiply: Multiply, durationMs: number): Promise<number> {
  let fastestMs = Number.POSITIVE_INFINITY;
  const end = performance.now() + durationMs;
  while (performance.now() < end) {
    const before = performance.now();
    await multiply();
    fastestMs = Math.min(fastestMs, performance.now() - before);
  }
  return (2 * side ** 3) / fastestMs / 1e6;
}
