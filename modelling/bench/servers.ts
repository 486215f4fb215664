import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import http from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { commandOf, isOurs, type Models, type Name } from "./contestants";
import { familyOf } from "./processes";

// No server outlives the benchmark.
const children = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
const startLimitMs = 120_000;

export interface Running {
  name: Name;
  port: number;
  process: ChildProcess;
  /** From the start of the process to the first 200 of /ready. */
  startMs: number;
}

export async function start(name: Name, models: Models): Promise<Running> {
  const port = await freePort();
  const before = performance.now();
  const { file, args, cwd, env } = commandOf(name, port, models);
  const child = spawn(file, args, {
    cwd,
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1", ...env },
    stdio: ["ignore", "ignore", isOurs(name) ? "inherit" : "ignore"],
  });
  children.add(child);
  child.once("exit", () => children.delete(child));
  const running = { name, port, process: child, startMs: 0 };
  while ((await statusOf(port, "/ready")) !== 200) {
    if (!children.has(child)) {
      throw new Error(`the ${name} server ended before it was ready (exit code ${child.exitCode})`);
    }
    if (performance.now() - before > startLimitMs) {
      await stop(running);
      throw new Error(`the ${name} server was not ready within 120 s`);
    }
    await sleep(10);
  }
  return { ...running, startMs: performance.now() - before };
}

export async function stop({ process }: Running): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return;
  const ended = new Promise((resolve) => process.once("exit", resolve));
  process.kill("SIGTERM");
  const patience = setTimeout(() => process.kill("SIGKILL"), 10_000);
  await ended;
  clearTimeout(patience);
}

/** Resident memory of a server and its child processes, in MB. */
export function residentMb({ process }: Running): number {
  let kilobytes = 0;
  for (const id of familyOf(process.pid ?? 0)) {
    kilobytes += Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${id}/status`, "utf8"))?.[1] ?? 0);
  }
  return (kilobytes * 1024) / 1e6;
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
