import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Docker } from "../../tools/start/docker";
import { provideBaseImage } from "./base-image";

export const appFolder = join(__dirname, "../../app");

const startLimitSeconds = 60;
const stopLimitSeconds = 30;

export interface Engine {
  docker: Docker;
  /** Stops what was started here; an engine that was running before is left running. */
  stop(): Promise<void>;
}

/** A Docker engine that can build app/, or the reason why this machine has none. */
export async function findEngine(): Promise<Engine | { missing: string }> {
  const engine = await answeringEngine();
  if ("missing" in engine) return engine;
  for (const name of await baseImages()) {
    const missing = await provideBaseImage(engine.docker, name);
    if (missing === undefined) continue;
    await engine.stop();
    return { missing };
  }
  return engine;
}

async function answeringEngine(): Promise<Engine | { missing: string }> {
  const running = new Docker();
  const silence = await running.silence();
  if (silence === undefined) return { docker: running, stop: async () => {} };
  if (process.getuid?.() !== 0) return { missing: `${silence}; starting one here needs root and dockerd` };
  return startOwnEngine();
}

/** Keeps images and layers in a cache folder, so that only the first run on a machine is slow. */
async function startOwnEngine(): Promise<Engine | { missing: string }> {
  const cache = process.env.INFERENCE_TEST_CACHE ?? join(homedir(), ".cache/inference-tests");
  const folder = join(cache, "docker");
  const docker = new Docker(`unix://${folder}/docker.sock`);
  await mkdir(folder, { recursive: true });
  if ((await docker.silence()) === undefined) return { docker, stop: async () => {} };

  const logPath = join(folder, "dockerd.log");
  const log = openSync(logPath, "w");
  const args = ["--host", docker.host as string, "--data-root", `${folder}/data`, "--exec-root", `${folder}/exec`];
  // Its own process group: Ctrl-C on the tests must reach dockerd only after its containers were stopped.
  const daemon = spawn("dockerd", [...args, "--pidfile", `${folder}/dockerd.pid`], {
    detached: true,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  const ended = new Promise<string>((resolve) => {
    daemon.on("error", (error) => resolve(error.message));
    daemon.on("exit", (code) => resolve(`dockerd ended with exit code ${code}`));
  });
  const obstacle = await Promise.race([ended, untilItAnswers(docker)]);
  if (obstacle === undefined) return { docker, stop: () => stopDaemon(daemon, ended) };
  await stopDaemon(daemon, ended);
  const lastLine = (await readFile(logPath, "utf8")).trim().split("\n").at(-1) ?? "";
  return { missing: `no Docker engine answers and none could be started: ${obstacle}. ${lastLine}`.trim() };
}

async function untilItAnswers(docker: Docker): Promise<string | undefined> {
  for (let waited = 0; waited < startLimitSeconds; waited += 0.5) {
    await sleep(500);
    if ((await docker.silence()) === undefined) return undefined;
  }
  return `dockerd did not answer within ${startLimitSeconds} s`;
}

async function stopDaemon(daemon: ChildProcess, ended: Promise<string>): Promise<void> {
  if (daemon.pid === undefined) return;
  daemon.kill("SIGTERM");
  await Promise.race([ended, sleep(stopLimitSeconds * 1000, undefined, { ref: false })]);
  if (daemon.exitCode === null) daemon.kill("SIGKILL");
}

/** The images that app/Dockerfile starts from, with its version arguments filled in. */
async function baseImages(): Promise<string[]> {
  const dockerfile = await readFile(join(appFolder, "Dockerfile"), "utf8");
  const defaults = new Map([...dockerfile.matchAll(/^ARG (\w+)=(\S+)$/gm)].map(([, name, value]) => [name, value]));
  const stages = new Set([...dockerfile.matchAll(/^FROM .*\bAS (\S+)$/gim)].map(([, stage]) => stage));
  const names = [...dockerfile.matchAll(/^FROM (?:--\S+ )*(\S+)/gim)].map(([, name]) =>
    (name as string).replace(/\$\{?(\w+)\}?/g, (_, argument) => defaults.get(argument) ?? ""),
  );
  return [...new Set(names)].filter((name) => !stages.has(name));
}
