import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { integer, node, type Tensor, type ValueInfo } from "../../../modelling/onnx/model";
import { encodeModel } from "../../../modelling/onnx/write";
import { temporaryFolder } from "./folder";

interface TabularOptions {
  /** Of the batch dimension: a name when it is free. */
  batch?: number | string;
  manifest?: Record<string, unknown>;
  labels?: string[];
  secondInput?: string;
  /** Runs no batch of another size, although its input does not say so. */
  onlyBatch?: number;
}

/**
 * A linear model of four features and three outputs as a model folder: output i is (i + 1) times the features' sum.
 * `best` is a second, integer output: the index of the largest.
 */
export function writeTabularModel(options: TabularOptions = {}): string {
  const { batch = "N", manifest = {}, labels, secondInput, onlyBatch = -1 } = options;
  const folder = temporaryFolder("tabular");
  const weights = Float32Array.from({ length: 12 }, (_, index) => (index % 3) + 1);
  const float = (name: string, width: number): ValueInfo => ({ name, type: "float32", dims: [batch, width] });
  const bytes = encodeModel({
    irVersion: 8,
    producer: "test",
    description: "",
    opsets: new Map([["", 17]]),
    graph: {
      name: "tabular",
      nodes: [
        node("MatMul", ["features", "weights"], "products"),
        node("Reshape", ["products", "shape"], "scores"),
        node("ArgMax", ["scores"], "best", { axis: integer(1), keepdims: integer(0) }),
      ],
      initializers: new Map<string, Tensor>([
        ["weights", { name: "weights", dims: [4, 3], data: weights }],
        ["shape", { name: "shape", dims: [2], data: BigInt64Array.of(BigInt(onlyBatch), 3n) }],
      ]),
      inputs: ["features", ...(secondInput ? [secondInput] : [])].map((name) => float(name, 4)),
      outputs: [float("scores", 3), { name: "best", type: "int64" }],
    },
  });
  const put = (file: string, content: Buffer | string) => {
    writeFileSync(path.join(folder, file), content);
    return { file, sha256: createHash("sha256").update(content).digest("hex") };
  };
  const described = {
    name: "tabular",
    version: "2.1",
    input: "tensor",
    features: 4,
    files: { fp32: put("model.onnx", bytes) },
    ...(labels ? { labels: put("labels.txt", labels.join("\n")) } : {}),
    ...manifest,
  };
  put("manifest.json", JSON.stringify(described));
  return folder;
}
