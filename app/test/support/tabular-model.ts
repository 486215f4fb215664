import { createHash } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { integer, node, type ValueInfo } from "../../modelling/onnx";
import { encodeModel } from "../../modelling/onnx-write";

interface TabularOptions {
  /** Of the batch dimension: a name when it is free. */
  batch?: number | string;
  manifest?: Record<string, unknown>;
  labels?: string[];
}

/**
 * A linear model of four features and three outputs as a model folder: output i is (i + 1) times the features' sum.
 * `best` is a second, integer output: the index of the largest.
 */
export function writeTabularModel({ batch = "N", manifest = {}, labels }: TabularOptions = {}): string {
  const folder = mkdtempSync(path.join(tmpdir(), "tabular-"));
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
        node("MatMul", ["features", "weights"], "scores"),
        node("ArgMax", ["scores"], "best", { axis: integer(1), keepdims: integer(0) }),
      ],
      initializers: new Map([["weights", { name: "weights", dims: [4, 3], data: weights }]]),
      inputs: [float("features", 4)],
      outputs: [float("scores", 3), { name: "best", type: "int64", dims: [batch] }],
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
    activation: "none",
    files: { fp32: put("model.onnx", bytes) },
    ...(labels ? { labels: put("labels.txt", labels.join("\n")) } : {}),
    ...manifest,
  };
  put("manifest.json", JSON.stringify(described));
  return folder;
}
