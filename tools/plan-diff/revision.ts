import { execFile, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { UserError } from "../cli/user-error";
import type { Case } from "../permissions/needs";
import { projectFolder, readProject } from "../stack/file";
import type { Evaluated } from "./evaluate";

const execute = promisify(execFile);
const installLimitMs = 10 * 60_000;
const evaluationLimitMs = 5 * 60_000;
const gitLimitMs = 60_000;

function git(...args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync("git", args, { cwd: projectFolder, encoding: "utf8", timeout: gitLimitMs });
  return status === 0 ? stdout.trim() : undefined;
}

/** The newest tag before today's commit. */
export const lastTag = (): string | undefined => git("describe", "--tags", "--abbrev=0");

/** The files of a revision in a folder of their own, with the packages that its lockfile names. */
export async function withRevision<T>(revision: string, use: (folder: string) => Promise<T>): Promise<T> {
  const commit = git("rev-parse", "--verify", "--quiet", `${revision}^{commit}`);
  if (commit === undefined) {
    throw new UserError(
      `--since is ${revision}; expected a tag or commit of this repository. In CI, fetch the history: git fetch --unshallow --tags`,
    );
  }
  const folder = mkdtempSync(join(tmpdir(), "plan-diff-"));
  try {
    const archive = join(folder, "revision.tar");
    // The prefix is the folder of the project inside of its repository.
    await execute("git", ["archive", "--output", archive, commit], { cwd: projectFolder, timeout: gitLimitMs });
    await execute("tar", ["-xf", archive, "-C", folder], { timeout: gitLimitMs });
    await install(folder);
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** With the same lockfile the packages are those of today. */
async function install(folder: string): Promise<void> {
  const lockfileIn = (place: string) => readFileSync(join(place, "package-lock.json"), "utf8");
  if (lockfileIn(folder) === lockfileIn(projectFolder)) {
    return symlinkSync(join(projectFolder, "node_modules"), join(folder, "node_modules"));
  }
  const install = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
  await execute("npm", install, { cwd: folder, timeout: installLimitMs });
}

/** The plans of these cases, by the program in a folder. */
export async function evaluateIn(folder: string, cases: readonly Case[]): Promise<Evaluated[]> {
  const output = join(mkdtempSync(join(tmpdir(), "plans-")), "plans.json");
  try {
    const script = join(__dirname, "evaluate.ts");
    const args = [JSON.stringify(cases), readProject().name, output];
    await execute(process.execPath, ["-r", "ts-node/register/transpile-only", script, ...args], {
      cwd: folder,
      timeout: evaluationLimitMs,
      maxBuffer: 64 * 1024 * 1024,
    });
    return JSON.parse(readFileSync(output, "utf8")) as Evaluated[];
  } finally {
    rmSync(join(output, ".."), { recursive: true, force: true });
  }
}

export const hasStackFile = (folder: string, { stack }: Case) => existsSync(join(folder, `Pulumi.${stack}.yaml`));
