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

/** A running Docker engine, or the reason why there is none. */
export async function findEngine(): Promise<Engine | { missing: string }> {
  const running = new Docker();
  const silence = await running.silence();
  if (silence === undefined) return { docker: running, stop: async () => {} };
  if (/permission denied/i.test(silence))
    return { missing: `${silence}; join the group docker, or run the tests as root` };
  if (process.getuid?.() !== 0) return { missing: `${silence}; starting one here needs root and dockerd` };
  return startOwnEngine();
}

/** Undefined when the engine has all base images of a folder's Dockerfile; otherwise the reason why one is missing. */
export async function provideBasesOf(folder: string, docker: Docker): Promise<string | undefined> {
  for (const name of await baseImages(folder)) {
    const missing = await provideBaseImage(docker, name);
    if (missing !== undefined) return missing;
  }
  return undefined;
}

/** Base images of a Dockerfile, with its version arguments. */
async function baseImages(folder: string): Promise<string[]> {
  const dockerfile = await readFile(join(folder, "Dockerfile"), "utf8");
  const defaults = new Map([...dockerfile.matchAll(/^ARG (\w+)=(\S+)$/gm)].map(([, name, value]) => [name, value]));
  const stages = new Set([...dockerfile.matchAll(/^FROM .*\bAS (\S+)$/gim)].map(([, stage]) => stage));
  const names = [...dockerfile.matchAll(/^FROM (?:--\S+ )*(\S+)/gim)].map(([, name]) =>
    (name as string).replace(/\$\{?(\w+)\}?/g, (_, argument) => defaults.get(argument) ?? ""),
  );
  return [...new Set(names)].filter((name) => !stages.has(name));
}
