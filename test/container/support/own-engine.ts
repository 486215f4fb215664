import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isRunning } from "../../../tools/cli/is-running";
import { Docker } from "../../../tools/start/docker";
import { onEnd } from "../../support/on-end";
import type { Engine } from "./engine";

const startLimitSeconds = 60;
const stopLimitSeconds = 30;

/** Suites of this process that use it: the list of users has one entry for all of them. */
let holders = 0;

/**
 * Starts dockerd for the tests, which needs root. Images and layers stay in a cache folder, so that only the first run is slow.
 * Parallel runs share the engine, and the last one stops it.
 */
export async function startOwnEngine(): Promise<Engine | { missing: string }> {
  const cache = process.env.INFERENCE_TEST_CACHE ?? join(homedir(), ".cache/inference-tests");
  const folder = join(cache, "docker");
  const docker = new Docker(`unix://${folder}/docker.sock`);
  mkdirSync(join(folder, "users"), { recursive: true });
  writeFileSync(join(folder, "users", String(process.pid)), "");
  const forget = onEnd(() => signOff(folder));
  holders += 1;
  const leave = async () => {
    forget();
    holders -= 1;
    if (holders === 0) await stopAsLastUser(folder);
  };

  if ((await docker.silence()) === undefined) return { docker, stop: leave };
  const ended = launch(folder, `unix://${folder}/docker.sock`);
  const obstacle = await Promise.race([ended, untilItAnswers(docker)]);
  if (obstacle === undefined) return { docker, stop: leave };
  await leave();
  const lastLine = readFileSync(join(folder, "dockerd.log"), "utf8").trim().split("\n").at(-1) ?? "";
  return { missing: `no Docker engine answers and none could be started: ${obstacle}. ${lastLine}`.trim() };
}

/** Resolves with the reason why dockerd exited. */
function launch(folder: string, host: string): Promise<string> {
  const log = openSync(join(folder, "dockerd.log"), "w");
  const folders = ["--data-root", `${folder}/data`, "--exec-root", `${folder}/exec`];
  // Its own process group, so that Ctrl-C on the tests reaches dockerd only after its containers stopped.
  const daemon = spawn("dockerd", ["--host", host, ...folders, "--pidfile", pidFile(folder)], {
    detached: true,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  daemon.unref();
  return new Promise((resolve) => {
    daemon.on("error", (error) => resolve(error.message));
    daemon.on("exit", (code) => resolve(`dockerd ended with exit code ${code}`));
  });
}

async function untilItAnswers(docker: Docker): Promise<string | undefined> {
  for (let waited = 0; waited < startLimitSeconds; waited += 0.5) {
    await sleep(500);
    if ((await docker.silence()) === undefined) return undefined;
  }
  return `dockerd did not answer within ${startLimitSeconds} s`;
}

/** Removes this run from the list. The last one stops dockerd and returns its process. */
function signOff(folder: string): number | undefined {
  const users = join(folder, "users");
  const isOut = (pid: string) => pid === String(process.pid) || !isRunning(Number(pid));
  for (const pid of readdirSync(users).filter(isOut)) rmSync(join(users, pid), { force: true });
  if (readdirSync(users).length > 0) return undefined;
  if (!existsSync(pidFile(folder))) return undefined;
  const daemon = Number(readFileSync(pidFile(folder), "utf8"));
  if (!isRunning(daemon)) return undefined;
  process.kill(daemon, "SIGTERM");
  return daemon;
}

async function stopAsLastUser(folder: string): Promise<void> {
  const daemon = signOff(folder);
  if (daemon === undefined) return;
  for (let waited = 0; waited < stopLimitSeconds && isRunning(daemon); waited += 0.1) await sleep(100);
  if (isRunning(daemon)) process.kill(daemon, "SIGKILL");
}

const pidFile = (folder: string) => join(folder, "dockerd.pid");
