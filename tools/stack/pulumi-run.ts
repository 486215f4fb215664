import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { UserError } from "../cli/user-error";
import { projectFolder } from "./file";

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  /** Standard output and error, in order of arrival. */
  readonly output: string;
}

const openMs = 10_000;

/** Closes the output some time after the command has ended: a plugin keeps it open when the CLI alone is killed. */
export function limitOpenOutput(child: ChildProcessByStdio<null, Readable, Readable>, limitMs = openMs): void {
  child.on("exit", () => {
    const limit = setTimeout(() => {
      child.stdout.destroy();
      child.stderr.destroy();
    }, limitMs);
    child.on("close", () => clearTimeout(limit));
  });
}

/**
 * Runs a command of the Pulumi CLI that prints while it works. In a process group of its own: Ctrl-C in a terminal reaches the tool, which
 * decides what becomes of the update.
 */
export function runPulumi(
  args: readonly string[],
  tell: (line: string) => void,
  signal?: AbortSignal,
  limitMs = openMs,
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn("pulumi", args, { cwd: projectFolder, stdio: ["ignore", "pipe", "pipe"], detached: true });
    const lines = { stdout: "", output: "" };
    const print = (line: string) => {
      lines.output += `${line}\n`;
      tell(line);
    };
    createInterface(child.stdout).on("line", (line) => {
      lines.stdout += `${line}\n`;
      print(line);
    });
    createInterface(child.stderr).on("line", print);
    // The engine finishes the operations that it has begun, and writes them into the state.
    const interrupt = () => void child.kill("SIGINT");
    signal?.addEventListener("abort", interrupt);
    limitOpenOutput(child, limitMs);
    child.on("error", ({ message }) => reject(new UserError(`pulumi did not start: ${message}`)));
    child.on("close", (code, killedBy) => {
      signal?.removeEventListener("abort", interrupt);
      if (killedBy) print(`pulumi was killed: ${killedBy}`);
      resolve({ code, ...lines });
    });
  });
}
