import { spawnSync } from "node:child_process";
import path from "node:path";
import { allocatorOfTheImage } from "../../app/test/support/image-allocator";

/** In the order of the table: what ours is compared with stands before it. */
export const names = ["Flask", "FastAPI fp32", "fp32", "FastAPI int8", "int8"] as const;
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
  /** Of app/, and not a server to compare it with. */
  ours: boolean;
  command: (port: number, models: Models) => Command;
}

const app = path.join(__dirname, "..", "..", "app");
export const python = process.env.PYTHON ?? "python3";

export const contestants: Record<Name, Contestant> = {
  Flask: {
    ours: false,
    command: (port, { safetensors }) => ({
      file: python,
      args: [
        ...["-m", "gunicorn", "--workers", "2", "--threads", "4", "--timeout", "60", "--log-level", "error"],
        ...["--bind", `127.0.0.1:${port}`, "server:app"],
      ],
      cwd: path.join(__dirname, "flask"),
      env: { WEIGHTS: safetensors },
    }),
  },
  "FastAPI fp32": fastapi("fp32"),
  fp32: ours("fp32"),
  "FastAPI int8": fastapi("int8"),
  int8: ours("int8"),
};

function ours(precision: "fp32" | "int8"): Contestant {
  return {
    ours: true,
    command: (port, { folder }) => ({
      file: process.execPath,
      args: [path.join(app, "dist", "main.js")],
      env: {
        ...allocatorOfTheImage(),
        ...{ HOST: "127.0.0.1", PORT: `${port}`, LOG_LEVEL: "warn" },
        ...{ MODEL_URI: folder, MODEL_PRECISION: precision },
      },
    }),
  };
}

function fastapi(precision: "fp32" | "int8"): Contestant {
  return {
    ours: false,
    command: (port, { folder }) => ({
      file: python,
      args: [
        ...["-m", "uvicorn", "--workers", "2", "--log-level", "error", "--no-access-log"],
        ...["--host", "127.0.0.1", "--port", `${port}`, "server:app"],
      ],
      cwd: path.join(__dirname, "fastapi"),
      env: { MODEL: path.join(folder, `resnet50-${precision}.onnx`) },
    }),
  };
}

export interface Missing {
  name: Name;
  why: string;
}

/** The Python servers that cannot run here. */
export function missingServers(): Missing[] {
  const flask = missingModules("flask", "torch, torchvision, flask, gunicorn, prometheus_client, PIL");
  const fastapi = missingModules("fastapi", "fastapi, uvicorn, uvloop, httptools, multipart, onnxruntime, numpy, PIL");
  return names.flatMap((name) => {
    const why = name === "Flask" ? flask : contestants[name].ours ? undefined : fastapi;
    return why === undefined ? [] : [{ name, why }];
  });
}

function missingModules(folder: string, modules: string): string | undefined {
  const { status, error } = spawnSync(python, ["-c", `import ${modules}`], { stdio: "ignore", timeout: 120_000 });
  if (status === 0) return undefined;
  const why = error ? `${python} does not run` : `${python} cannot import all of ${modules}`;
  return `${why} (bench/${folder}/requirements.txt)`;
}
