import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import http from "node:http";
import { type AddressInfo, createServer } from "node:net";
import path from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { allocatorOfTheImage } from "../../app/test/support/image-allocator";

const app = path.join(__dirname, "..", "..", "app");

// No server outlives the benchmark.
const children = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
const startLimitMs = 120_000;

export type Name = "reference" | "fp32" | "int8";

export interface Running {
  name: Name;
  port: number;
  process: ChildProcess;
  /** From the start of the process to the first 200 of /ready. */
  startMs: number;
}

export async function start(name: Name, modelFolder: string, weights: string): Promise<Running> {
  const port = await freePort();
  const before = performance.now();
  const child = name === "reference" ? spawnReference(port, weights) : spawnOurs(port, name, modelFolder);
  children.add(child);
  child.once("exit", () => children.delete(child));
  while ((await statusOf(port, "/ready")) !== 200) {
    if (!children.has(child)) {
      throw new Error(`the ${name} server ended before it was ready (exit code ${child.exitCode})`);
    }
    if (performance.now() - before > startLimitMs) throw new Error(`the ${name} server was not ready within 120 s`);
    await sleep(10);
  }
  return { name, port, process: child, startMs: performance.now() - before };
}

export async function stop({ process }: Running): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return;
  const ended = new Promise((resolve) => process.once("exit", resolve));
  process.kill("SIGTERM");
  const patience = setTimeout(() => process.kill("SIGKILL"), 10_000);
  await ended;
  clearTimeout(patience);
}

function spawnOurs(port: number, precision: "fp32" | "int8", modelFolder: string): ChildProcess {
  return spawn(process.execPath, [path.join(app, "dist", "main.js")], {
    env: {
      ...process.env,
      ...allocatorOfTheImage(),
      HOST: "127.0.0.1",
      PORT: `${port}`,
      MODEL_URI: modelFolder,
      MODEL_PRECISION: precision,
      LOG_LEVEL: "warn",
    },
    stdio: ["ignore", "ignore", "inherit"],
  });
}

function spawnReference(port: number, weights: string): ChildProcess {
  const gunicorn = ["-m", "gunicorn", "--workers", "2", "--threads", "4", "--timeout", "60", "--log-level", "error"];
  return spawn(python, [...gunicorn, "--bind", `127.0.0.1:${port}`, "server:app"], {
    cwd: path.join(__dirname, "reference"),
    env: { ...process.env, WEIGHTS: weights, PYTHONDONTWRITEBYTECODE: "1" },
    stdio: "ignore",
  });
}

const python = process.env.PYTHON ?? "python3";

/** Why the reference server cannot run here, if so. */
export function missingForReference(): string | undefined {
  const modules = "torch, torchvision, flask, gunicorn, prometheus_client, PIL";
  const { status, error } = spawnSync(python, ["-c", `import ${modules}`], { stdio: "ignore", timeout: 120_000 });
  if (status === 0) return undefined;
  return error ? `${python} does not run` : `${python} cannot import all of ${modules}`;
}

/** Resident memory of a server and its child processes, in MB. */
export function residentMb({ process }: Running): number {
  let kilobytes = 0;
  for (const id of familyOf(process.pid ?? 0)) {
    kilobytes += Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${id}/status`, "utf8"))?.[1] ?? 0);
  }
  return (kilobytes * 1024) / 1e6;
}

/** A process and all that descend from it. */
export function familyOf(root: number): number[] {
  const parents = new Map<number, number>();
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, "utf8");
      parents.set(Number(entry), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
    } catch {
      // It ended in the meantime.
    }
  }
  const family = [root];
  for (const member of family) for (const [id, parent] of parents) if (parent === member) family.push(id);
  return family;
}

function statusOf(port: number, at: string): Promise<number> {
  return new Promise((resolve) => {
    const request = http.get({ host: "127.0.0.1", port, path: at, timeout: 20_000 }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(0));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
