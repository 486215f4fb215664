import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { projectFolder } from "../stack/file";

/** Longer than a registry takes for all packages of a folder. */
const limitMs = 180_000;

/** What a command of npm prints as JSON, or why there is none as its `message`. Its exit code says no more than the answer. */
export function npmJson(folder: string, ...command: readonly string[]): unknown {
  const args = [...command, "--json", "--loglevel", "silent", "--prefix", join(projectFolder, folder)];
  const { stdout, error } = spawnSync("npm", args, { encoding: "utf8", timeout: limitMs, maxBuffer: 64 * 1024 * 1024 });
  if (error === undefined) return parsed(stdout);
  const isLate = "code" in error && error.code === "ETIMEDOUT";
  return { message: isLate ? `npm had not ended after ${limitMs / 1000} s` : error.message };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
