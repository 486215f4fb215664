import { performance } from "node:perf_hooks";
import { InferenceSession, Tensor } from "../../app/src/inference/runtime";
import { encodeModel } from "../onnx/file";
import { type Model, node } from "../onnx/model";
import { Random } from "../resnet50/random";

const side = 1536;

/** How fast this machine multiplies float32 matrices that suit it: what no convolution can beat, in GFLOP/s. */
export class Sgemm {
  private constructor(
    private readonly session: InferenceSession,
    private readonly matrix: Tensor,
  ) {}

  static async open(threads: number): Promise<Sgemm> {
    const session = await InferenceSession.create(encodeModel(product()), { intraOpNumThreads: threads });
    const random = new Random(1);
    const matrix = new Tensor(
      "float32",
      new Float32Array(side * side).map(() => random.uniform()),
      [side, side],
    );
    return new Sgemm(session, matrix);
  }

  async gflops(durationMs: number): Promise<number> {
    let fastestMs = Number.POSITIVE_INFINITY;
    const end = performance.now() + durationMs;
    while (performance.now() < end) {
      const before = performance.now();
      await this.session.run({ a: this.matrix, b: this.matrix });
      fastestMs = Math.min(fastestMs, performance.now() - before);
    }
    return (2 * side ** 3) / fastestMs / 1e6;
  }
}

function product(): Model {
  const square = (name: string) => ({ name, type: "float32" as const, dims: [side, side] });
  return {
    irVersion: 8,
    producer: "bench",
    description: "",
    opsets: new Map([["", 17]]),
    graph: {
      name: "product",
      nodes: [node("MatMul", ["a", "b"], "c")],
      initializers: new Map(),
      inputs: [square("a"), square("b")],
      outputs: [square("c")],
    },
  };
}
