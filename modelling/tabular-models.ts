import path from "node:path";
import { encodeModel } from "./onnx/file";
import { integer, type Node, node, type Tensor, type ValueInfo } from "./onnx/model";

/** The folder that the tests of app/ read. The models are files, so that app/ does not depend on this package. */
export const tabularFolder = path.join(__dirname, "..", "app", "test", "support", "tabular");

interface Shape {
  /** Of the batch dimension: a name when it is free. */
  batch?: number | string;
  secondInput?: string;
  /** Runs no batch of another size, although its input does not say so. */
  onlyBatch?: number;
  /** Whether it is of an operator that onnxruntime has and OpenVINO lacks. */
  hasRegressor?: boolean;
}

const shapes: Record<string, Shape> = {
  "any-batch.onnx": {},
  "batch-of-1.onnx": { batch: 1 },
  "batch-of-3.onnx": { batch: 3 },
  "two-inputs.onnx": { secondInput: "mask" },
  "runs-only-2.onnx": { onlyBatch: 2 },
  "runs-only-4.onnx": { onlyBatch: 4 },
  "regressor.onnx": { hasRegressor: true },
};

/** Linear models of four features and three outputs, by file name: output i is (i + 1) times the features' sum. */
export function tabularModels(): Map<string, Buffer> {
  return new Map(Object.entries(shapes).map(([file, shape]) => [file, tabularModel(shape)]));
}

/** An operator of classical machine learning, as scikit-learn's models are exported. */
const regressor: Node = {
  ...node("LinearRegressor", ["features"], "products", {
    coefficients: { kind: "floats", value: [1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3] },
    targets: integer(3),
  }),
  domain: "ai.onnx.ml",
};

/** `best` is a second, integer output: the index of the largest. */
function tabularModel({ batch = "N", secondInput, onlyBatch = -1, hasRegressor = false }: Shape): Buffer {
  const weights = Float32Array.from({ length: 12 }, (_, index) => (index % 3) + 1);
  const constants: Tensor[] = [
    ...(hasRegressor ? [] : [{ name: "weights", dims: [4, 3], data: weights }]),
    { name: "shape", dims: [2], data: BigInt64Array.of(BigInt(onlyBatch), 3n) },
  ];
  const float = (name: string, width: number): ValueInfo => ({ name, type: "float32", dims: [batch, width] });
  return encodeModel({
    irVersion: 8,
    producer: "test",
    description: "",
    opsets: new Map([["", 17], ...(hasRegressor ? [[regressor.domain, 1] as const] : [])]),
    graph: {
      name: "tabular",
      nodes: [
        hasRegressor ? regressor : node("MatMul", ["features", "weights"], "products"),
        node("Reshape", ["products", "shape"], "scores"),
        node("ArgMax", ["scores"], "best", { axis: integer(1), keepdims: integer(0) }),
      ],
      initializers: new Map(constants.map((constant) => [constant.name, constant])),
      inputs: ["features", ...(secondInput ? [secondInput] : [])].map((name) => float(name, 4)),
      outputs: [float("scores", 3), { name: "best", type: "int64" }],
    },
  });
}
