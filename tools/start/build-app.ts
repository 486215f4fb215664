import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../cli/user-error";
import { CommandError, runCommand } from "./command";

const buildLimitSeconds = 180;

/** Compiles app/ when a source is newer than the compiled code. */
export async function buildAppIfStale(appFolder: string): Promise<void> {
  if (!isStale(appFolder)) return;
  console.log("Compiling app/ ...");
  try {
    await runCommand("npm", ["run", "--silent", "build"], { cwd: appFolder, limitSeconds: buildLimitSeconds });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new UserError(`app/ does not compile (${error.reason}). See the errors with: npm --prefix app run build`);
  }
}

export function isStale(appFolder: string): boolean {
  const compiled = join(appFolder, "dist/main.js");
  if (!existsSync(compiled)) return true;
  const compiledAt = statSync(compiled).mtimeMs;
  // Folders count too: adding or removing a file changes their time.
  const sources = ["src", "package.json", "tsconfig.json", "tsconfig.build.json"];
  const names = readdirSync(join(appFolder, "src"), { recursive: true }).map((name) => join("src", String(name)));
  return [...sources, ...names].some((name) => statSync(join(appFolder, name)).mtimeMs > compiledAt);
}
