import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { UserError } from "../cli/user-error";

const run = promisify(execFile);
const limitMs = 60_000;
/** A state holds every property of every resource. */
const maxBuffer = 256 * 1024 * 1024;

/** Runs a command of the Pulumi CLI and returns the JSON that it prints. */
export async function askPulumi<T = Record<string, unknown>>(args: readonly string[]): Promise<T> {
  const command = `pulumi ${args.join(" ")}`;
  try {
    const { stdout } = await run("pulumi", [...args, "--non-interactive"], { timeout: limitMs, maxBuffer });
    return JSON.parse(stdout) as T;
  } catch (error) {
    const { code, killed, stderr } = error as { code?: unknown; killed?: boolean; stderr?: string };
    if (code === "ENOENT") throw new UserError("There is no pulumi on PATH: https://www.pulumi.com/docs/install");
    if (killed) throw new UserError(`${command} did not finish within ${limitMs / 1000} s`);
    const [, stack] = /no stack named '(.+)' found/.exec(stderr ?? "") ?? [];
    if (stack) throw new UserError(`There is no stack named ${stack}. Create it: pulumi stack init ${stack}`);
    throw new UserError(`${command} failed:\n${stderr?.trim() || String(error)}`);
  }
}
