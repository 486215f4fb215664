import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Docker } from "../../../tools/start/docker";
import { provideBaseImage } from "./base-image";
import { startOwnEngine } from "./own-engine";

export const appFolder = join(__dirname, "../../../app");

export interface Engine {
  docker: Docker;
  /** Stops the engine if the tests started it. */
  stop(): Promise<void>;
}

/** A Docker engine that can build app/, or the reason why there is none. */
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
  if (/permission denied/i.test(silence))
    return { missing: `${silence}; join the group docker, or run the tests as root` };
  if (process.getuid?.() !== 0) return { missing: `${silence}; starting one here needs root and dockerd` };
  return startOwnEngine();
}

/** Base images of app/Dockerfile, with its version arguments. */
async function baseImages(): Promise<string[]> {
  const dockerfile = await readFile(join(appFolder, "Dockerfile"), "utf8");
  const defaults = new Map([...dockerfile.matchAll(/^ARG (\w+)=(\S+)$/gm)].map(([, name, value]) => [name, value]));
  const stages = new Set([...dockerfile.matchAll(/^FROM .*\bAS (\S+)$/gim)].map(([, stage]) => stage));
  const names = [...dockerfile.matchAll(/^FROM (?:--\S+ )*(\S+)/gim)].map(([, name]) =>
    (name as string).replace(/\$\{?(\w+)\}?/g, (_, argument) => defaults.get(argument) ?? ""),
  );
  return [...new Set(names)].filter((name) => !stages.has(name));
}
