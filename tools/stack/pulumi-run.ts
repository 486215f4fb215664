import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { UserError } from "../cli/user-error";
import { projectFolder } from "./file";

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  /** Standard output and error, in order of arrival. */
  readonly output: string;
}

/**
 * Runs a command of the Pulumi CLI that prints while it works. In a process group of its own: Ctrl-C in a terminal reaches the tool, which
 * decides what becomes of the update.
 */
export function runPulumi(
  args: readonly string[],
  tell: (line: string) => void,
  signal?: AbortSignal,
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn("pulumi", args, { cwd: projectFolder, stdio: ["ignore", "pipe", "pipe"], detached: true });
    const lines = { stdout: "", output: "" };
    createInterface(child.stdout).on("line", (line) => {
      lines.stdout += `${line}\n`;
      lines.output += `${line}\n`;
      tell(line);
    });
    createInterface(child.stderr).on("line", (line) => {
      lines.output += `${line}\n`;
      tell(line);
    });
    // The engine finishes the operations that it has begun, and writes them into the state.
    const interrupt = () => void child.kill("SIGINT");
    signal?.addEventListener("abort", interrupt);
    child.on("error", ({ message }) => reject(new UserError(`pulumi did not start: ${message}`)));
    child.on("close", (code) => {
      signal?.removeEventListener("abort", interrupt);
      resolve({ code, ...lines });
    });
  });
}
