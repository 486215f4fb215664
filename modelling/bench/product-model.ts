import { Tensor } from "../../app/src/inference/runtime";
import { type ElementType, type Model, node } from "../onnx/model";
import { Random } from "../resnet50/random";

export const side = 1536;

const kinds = {
  fp32: ["float32", "float32", "MatMul", "float32"],
  int8: ["uint8", "int8", "MatMulInteger", "int32"],
} as const;

/** A model that multiplies two square matrices. */
export function product(precision: keyof typeof kinds): Model {
  const [a, b, operation, result] = kinds[precision];
  const square = (name: string, type: ElementType) => ({ name, type, dims: [side, side] });
  return {
    ...common,
    graph: {
      name: "product",
      nodes: [node(operation, ["a", "b"], "c")],
      initializers: new Map(),
      inputs: [square("a", a), square("b", b)],
      outputs: [square("c", result)],
    },
  };
}

/** The same in fp32, with the second matrix in the file: the server's OpenVINO takes one input, a batch of them. */
export function productOfOneInput(): Model {
  const squares = (name: string) => ({ name, type: "float32" as const, dims: ["batch", side, side] });
  return {
    ...common,
    graph: {
      name: "product",
      nodes: [node("MatMul", ["a", "b"], "c")],
      initializers: new Map([["b", { name: "b", dims: [side, side], data: floats() }]]),
      inputs: [squares("a")],
      outputs: [squares("c")],
    },
  };
}

const common = { irVersion: 8, producer: "bench", description: "", opsets: new Map([["", 17]]) };

export function inputs(precision: keyof typeof kinds): Record<string, Tensor> {
  if (precision === "int8") return bytes();
  const matrix = new Tensor("float32", floats(), [side, side]);
  return { a: matrix, b: matrix };
}

export function floats(): Float32Array {
  const random = new Random(1);
  return new Float32Array(side * side).map(() => random.uniform());
}

function bytes(): Record<string, Tensor> {
  const random = new Random(1);
  const values = (most: number) => Array.from({ length: side * side }, () => Math.floor(random.uniform() * most));
  return {
    a: new Tensor("uint8", Uint8Array.from(values(256)), [side, side]),
    b: new Tensor("int8", Int8Array.from(values(128)), [side, side]),
  };
}
