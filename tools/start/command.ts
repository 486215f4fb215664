import { spawn } from "node:child_process";

export interface CommandOptions {
  /** After this time the command is killed and the call rejects. */
  limitSeconds: number;
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Called with each piece of output as it comes. */
  onOutput?: (text: string, stream: "stdout" | "stderr") => void;
}

export class CommandError extends Error {
  constructor(
    readonly command: string,
    readonly reason: string,
    readonly stderr: string,
  ) {
    super(`${command}: ${reason}${stderr.trim() === "" ? "" : `: ${stderr.trim()}`}`);
  }
}

/** Runs a program and returns its standard output. Rejects with a CommandError when the exit code is not 0. */
export function runCommand(program: string, args: readonly string[], options: CommandOptions): Promise<string> {
  const shown = [program, ...args].join(" ").slice(0, 200);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: options.cwd, env: options.env, stdio: ["ignore", "pipe", "pipe"] });
    const output = { stdout: "", stderr: "" };
    let timedOut = false;
    const limit = setTimeout(() => {
      timedOut = true;
      child.kill("SIGKILL");
    }, options.limitSeconds * 1000);
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream].setEncoding("utf8").on("data", (text: string) => {
        output[stream] += text;
        options.onOutput?.(text, stream);
      });
    }
    child.on("error", (error) => {
      clearTimeout(limit);
      reject(new CommandError(shown, error.message, ""));
    });
    child.on("close", (code, signal) => {
      clearTimeout(limit);
      if (code === 0) resolve(output.stdout);
      else if (timedOut) reject(new CommandError(shown, `not done after ${options.limitSeconds} s`, output.stderr));
      else reject(new CommandError(shown, signal ? `ended by ${signal}` : `exit code ${code}`, output.stderr));
    });
  });
}
