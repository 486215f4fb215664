import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Build } from "./build";

/** ECR takes 128 characters of letters, digits, _, . and -: after "v" and before "-", the hash, "-" and a time in base 36. */
export const longestVersion = 100;

/** What the tag says beside the hash, which alone identifies the content. */
export function versionOf({ context, version }: Pick<Build, "context" | "version">): string {
  const found = version ?? packageVersion(context) ?? commitOf(context) ?? "0";
  return found.replace(/[^A-Za-z0-9_.-]/g, "-").slice(0, longestVersion);
}

function packageVersion(context: string): string | undefined {
  try {
    const { version } = JSON.parse(readFileSync(join(context, "package.json"), "utf8")) as { version?: unknown };
    return typeof version === "string" && version !== "" ? version : undefined;
  } catch {
    return undefined;
  }
}

/** The last commit that changed the folder, so that commits elsewhere change nothing; -dirty when its files differ from that commit. */
function commitOf(context: string): string | undefined {
  const commit = git(context, "log", "-1", "--format=%h", "--", ".");
  if (!commit) return undefined;
  return git(context, "status", "--porcelain", "--", ".") === "" ? commit : `${commit}-dirty`;
}

/** Undefined without git, or outside a repository. */
function git(folder: string, ...args: readonly string[]): string | undefined {
  const options = ["--no-optional-locks", "-C", folder];
  const { status, stdout } = spawnSync("git", [...options, ...args], { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  return status === 0 ? stdout.trim() : undefined;
}
