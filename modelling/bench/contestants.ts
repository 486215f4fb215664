import path from "node:path";
import { usualFolder } from "../../app/src/inference/backends/openvino-library";
import { allocatorOfTheImage } from "../../app/test/support/image-allocator";

export const precisions = ["fp32", "bf16", "int8"] as const;
export type Precision = (typeof precisions)[number];
type Program = "Flask" | "FastAPI" | "app";
type Runtime = "torch" | "onnxruntime" | "OpenVINO";

/** In the order of the table: what ours is compared with stands before it. */
export const names = [
  "Flask torch fp32",
  "FastAPI onnxruntime fp32",
  "app onnxruntime fp32",
  "FastAPI onnxruntime int8",
  "app onnxruntime int8",
  "FastAPI OpenVINO fp32",
  "app OpenVINO fp32",
  "FastAPI OpenVINO bf16",
  "app OpenVINO bf16",
  "FastAPI OpenVINO int8",
  "app OpenVINO int8",
] as const;
export type Name = (typeof names)[number];

/** The models that all servers run, made once. */
export interface Models {
  folder: string;
  /** The fp32 weights for PyTorch. */
  safetensors: string;
}

export interface Command {
  file: string;
  args: string[];
  cwd?: string;
  env: Record<string, string>;
}

export interface Contestant {
  program: Program;
  runtime: Runtime;
  precision: Precision;
}

export function contestant(name: Name): Contestant {
  const [program, runtime, precision] = name.split(" ") as [Program, Runtime, Precision];
  return { program, runtime, precision };
}

/** Of app/, and not a server to compare it with. */
export const isOurs = (name: Name) => contestant(name).program === "app";

const app = path.join(__dirname, "..", "..", "app");
export const openvinoFolder = process.env.OPENVINO_FOLDER ?? usualFolder;
export const python = process.env.PYTHON ?? "python3";

export function commandOf(name: Name, port: number, models: Models): Command {
  const { program, runtime, precision } = contestant(name);
  if (program === "Flask") return flask(port, models);
  return program === "app" ? ours(port, models, runtime, precision) : fastapi(port, models, runtime, precision);
}

function flask(port: number, { safetensors }: Models): Command {
  return {
    file: python,
    args: [
      ...["-m", "gunicorn", "--workers", "2", "--threads", "4", "--timeout", "60", "--log-level", "error"],
      ...["--bind", `127.0.0.1:${port}`, "server:app"],
    ],
    cwd: path.join(__dirname, "flask"),
    env: { WEIGHTS: safetensors },
  };
}

function ours(port: number, { folder }: Models, runtime: Runtime, precision: Precision): Command {
  return {
    file: process.execPath,
    args: [path.join(app, "dist", "main.js")],
    env: {
      ...allocatorOfTheImage(),
      ...{ HOST: "127.0.0.1", PORT: `${port}`, LOG_LEVEL: "warn" },
      ...{ MODEL_URI: folder, MODEL_PRECISION: precision },
      ...{ MODEL_RUNTIME: runtime.toLowerCase(), OPENVINO_FOLDER: openvinoFolder },
    },
  };
}

function fastapi(port: number, { folder }: Models, runtime: Runtime, precision: Precision): Command {
  const file = `resnet50-${precision === "int8" ? "int8" : "fp32"}.onnx`;
  return {
    file: python,
    args: [
      ...["-m", "uvicorn", "--workers", "2", "--log-level", "error", "--no-access-log"],
      ...["--host", "127.0.0.1", "--port", `${port}`, "server:app"],
    ],
    cwd: path.join(__dirname, "fastapi"),
    env: { MODEL: path.join(folder, file), RUNTIME: runtime.toLowerCase(), PRECISION: precision },
  };
}
