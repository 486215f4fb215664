import { spawnSync } from "node:child_process";
import { cpuFlags } from "../../app/src/cpu-flags";
import { libraryFile } from "../../app/src/inference/backends/openvino-library";
import { contestant, type Name, names, openvinoFolder, python } from "./contestants";

export interface Missing {
  name: Name;
  why: string;
}

/** What a machine has of all that the servers need; each value is the reason why something is missing. */
export interface Obstacles {
  flask?: string;
  fastapi?: string;
  /** Python's openvino. */
  openvinoWheel?: string;
  /** The library that our server calls. */
  openvinoLibrary?: string;
  bf16?: string;
}

/** The servers that cannot run here, or run here in another precision. */
export function missingServers(obstacles: Obstacles = obstaclesHere()): Missing[] {
  return names.flatMap((name) => {
    const why = obstacle(name, obstacles);
    return why === undefined ? [] : [{ name, why }];
  });
}

function obstacle(name: Name, { flask, fastapi, openvinoWheel, openvinoLibrary, bf16 }: Obstacles): string | undefined {
  const { program, runtime, precision } = contestant(name);
  if (program === "Flask") return flask;
  if (runtime === "OpenVINO" && precision === "bf16" && bf16) return bf16;
  if (runtime === "OpenVINO" && precision === "fp32" && !bf16) return "this CPU has bf16, so OpenVINO is timed in that";
  if (program === "FastAPI") return fastapi ?? (runtime === "OpenVINO" ? openvinoWheel : undefined);
  return runtime === "OpenVINO" ? openvinoLibrary : undefined;
}

function obstaclesHere(): Obstacles {
  const flags = cpuFlags();
  const hasBf16 = flags.has("avx512_bf16") || flags.has("amx_bf16");
  return {
    flask: withoutModules("torch, torchvision, flask, gunicorn, prometheus_client, PIL", "flask/requirements.txt"),
    fastapi: withoutModules(
      "fastapi, uvicorn, uvloop, httptools, multipart, onnxruntime, numpy, PIL",
      "fastapi/requirements.txt",
    ),
    openvinoWheel: withoutModules("openvino", "fastapi/requirements-openvino.txt"),
    openvinoLibrary:
      libraryFile(openvinoFolder) === undefined
        ? `${openvinoFolder} has no library; app/openvino/install.sh installs it`
        : undefined,
    bf16: hasBf16 ? undefined : "this CPU has no bf16 instructions",
  };
}

function withoutModules(modules: string, requirements: string): string | undefined {
  const { status, error } = spawnSync(python, ["-c", `import ${modules}`], { stdio: "ignore", timeout: 120_000 });
  if (status === 0) return undefined;
  const why = error ? `${python} does not run` : `${python} cannot import ${modules}`;
  return `${why} (bench/${requirements})`;
}
