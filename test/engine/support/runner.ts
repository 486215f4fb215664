import { type ChildProcess, spawn, spawnSync } from "node:child_process";

export interface Result {
  code: number | null;
  /** Both streams in the order they came. */
  output: string;
  stdout: string;
}

export interface Running {
  result: Promise<Result>;
  signal(signal: NodeJS.Signals): void;
  /** Ends it with all that it started, as a machine that loses its power does. */
  cutOff(): void;
}

export interface RunnerOptions {
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  /** The longest that one command may take. */
  readonly limitMs: number;
}

/** Runs commands in one folder, each in a session of its own, so that what a killed CLI leaves behind can be ended with it. */
export class Runner {
  /** Everything that every command printed. */
  transcript = "";
  private readonly children = new Set<ChildProcess>();

  constructor(private readonly options: RunnerOptions) {}

  start(command: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): Running {
    const child = spawn(command, args, {
      cwd: this.options.folder,
      env: { ...this.options.environment, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    this.children.add(child);
    return {
      result: this.finish(child, [command, ...args]),
      signal: (signal) => void child.kill(signal),
      cutOff: () => endSession(child),
    };
  }

  close(): void {
    for (const child of this.children) endSession(child);
  }

  private finish(child: ChildProcess, command: readonly string[]): Promise<Result> {
    const { limitMs } = this.options;
    return new Promise((resolve, reject) => {
      let output = "";
      let stdout = "";
      const limit = setTimeout(() => {
        endSession(child);
        reject(new Error(`${command.join(" ")} took over ${limitMs / 1000} s and was ended; so far:\n${output}`));
      }, limitMs);
      child.stdout?.on("data", (chunk) => {
        output += chunk;
        stdout += chunk;
      });
      child.stderr?.on("data", (chunk) => {
        output += chunk;
      });
      child.on("error", reject);
      let settled = false;
      const settle = () => {
        if (settled) return;
        settled = true;
        clearTimeout(limit);
        this.transcript += output;
        resolve({ code: child.exitCode, output, stdout });
      };
      child.on("close", () => {
        // Ended by itself it has ended what it started, and its number may be somebody else's from now on.
        if (child.signalCode === null) this.children.delete(child);
        settle();
      });
      // Providers that outlive a killed CLI hold its pipes open, and "close" would wait for them.
      child.on("exit", () => setTimeout(settle, 2_000).unref());
    });
  }
}

/** The engine gives each plugin a group of its own, so the group of the CLI is not all of it. */
export function endSession(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // The whole group has ended already.
  }
  spawnSync("pkill", ["-KILL", "-s", String(child.pid)], { stdio: "ignore", timeout: 10_000 });
}
