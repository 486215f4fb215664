import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { projectFolder } from "../stack/file";

/** Longer than a registry takes for all packages of a folder. */
const limitMs = 180_000;

/** What a command of npm prints as JSON; undefined if it is none, or late. Its exit code says no more than the answer. */
export function npmJson(folder: string, ...command: readonly string[]): unknown {
  const args = [...command, "--json", "--loglevel", "silent", "--prefix", join(projectFolder, folder)];
  const { stdout } = spawnSync("npm", args, { encoding: "utf8", timeout: limitMs, maxBuffer: 64 * 1024 * 1024 });
  return parsed(stdout);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
