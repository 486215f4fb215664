import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { temporaryFolder } from "./folder";

export interface TabularOptions {
  /** A file of ./tabular, which modelling/tabular-models.ts makes. */
  model?: "any-batch" | "batch-of-1" | "batch-of-3" | "two-inputs" | "runs-only-2" | "runs-only-4" | "regressor";
  manifest?: Record<string, unknown>;
  labels?: string[];
}

/**
 * A linear model of four features and three outputs as a model folder: output i is (i + 1) times the features' sum.
 * `best` is a second, integer output: the index of the largest.
 */
export function writeTabularModel({ model = "any-batch", manifest = {}, labels }: TabularOptions = {}): string {
  const folder = temporaryFolder("tabular");
  const bytes = readFileSync(path.join(__dirname, "tabular", `${model}.onnx`));
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
