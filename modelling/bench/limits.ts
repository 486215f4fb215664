import { spawnSync } from "node:child_process";
import path from "node:path";
import { performance } from "node:perf_hooks";
import { InferenceSession, Tensor } from "../../app/src/inference/runtime";
import { encodeModel } from "../onnx/file";
import { type Model, node } from "../onnx/model";
import { Random } from "../resnet50/random";
import { python } from "./contestants";

const side = 1536;

export type Arithmetic = "fp32" | "int8";

/** How fast this machine multiplies matrices that suit it, in GFLOP/s: more than a convolution gets. */
export interface Limits {
  measure(durationMs: number): Promise<Record<Arithmetic, number>>;
}

/** The best of onnxruntime and, where Python has them, numpy and PyTorch. */
export async function openLimits(threads: number): Promise<Limits> {
  const fp32 = await Product.open("fp32", threads);
  const int8 = await Product.open("int8", threads);
  return {
    async measure(durationMs) {
      const own = { fp32: await fp32.gflops(durationMs), int8: await int8.gflops(durationMs) };
      const others = pythonProducts(threads);
      return { fp32: Math.max(own.fp32, others.fp32 ?? 0), int8: Math.max(own.int8, others.int8 ?? 0) };
    },
  };
}

function pythonProducts(threads: number): Partial<Record<Arithmetic, number>> {
  const script = path.join(__dirname, "products.py");
  const { status, stdout } = spawnSync(python, [script, `${threads}`], { encoding: "utf8", timeout: 60_000 });
  return status === 0 ? JSON.parse(stdout) : {};
}

class Product {
  private constructor(
    private readonly session: InferenceSession,
    private readonly feed: Record<string, Tensor>,
  ) {}

  static async open(arithmetic: Arithmetic, threads: number): Promise<Product> {
    const session = await InferenceSession.create(encodeModel(product(arithmetic)), { intraOpNumThreads: threads });
    return new Product(session, arithmetic === "fp32" ? floats() : bytes());
  }

  async gflops(durationMs: number): Promise<number> {
    let fastestMs = Number.POSITIVE_INFINITY;
    const end = performance.now() + durationMs;
    while (performance.now() < end) {
      const before = performance.now();
      await this.session.run(this.feed);
      fastestMs = Math.min(fastestMs, performance.now() - before);
    }
    return (2 * side ** 3) / fastestMs / 1e6;
  }
}

function floats(): Record<string, Tensor> {
  const random = new Random(1);
  const matrix = new Tensor(
    "float32",
    new Float32Array(side * side).map(() => random.uniform()),
    [side, side],
  );
  return { a: matrix, b: matrix };
}

function bytes(): Record<string, Tensor> {
  const random = new Random(1);
  const values = (most: number) => Array.from({ length: side * side }, () => Math.floor(random.uniform() * most));
  return {
    a: new Tensor("uint8", Uint8Array.from(values(256)), [side, side]),
    b: new Tensor("int8", Int8Array.from(values(128)), [side, side]),
  };
}

function product(arithmetic: Arithmetic): Model {
  const [a, b, operation, result] =
    arithmetic === "fp32"
      ? (["float32", "float32", "MatMul", "float32"] as const)
      : (["uint8", "int8", "MatMulInteger", "int32"] as const);
  const square = (name: string, type: typeof a | typeof b | typeof result) => ({ name, type, dims: [side, side] });
  return {
    irVersion: 8,
    producer: "bench",
    description: "",
    opsets: new Map([["", 17]]),
    graph: {
      name: "product",
      nodes: [node(operation, ["a", "b"], "c")],
      initializers: new Map(),
      inputs: [square("a", a), square("b", b)],
      outputs: [square("c", result)],
    },
  };
}
