import { type ChildProcess, spawn, spawnSync } from "node:child_process";

export interface Result {
  code: number | null;
  /** Standard output and error, in order of arrival. */
  output: string;
  stdout: string;
}

export interface Running {
  result: Promise<Result>;
  /** What it has printed so far. */
  printed(): string;
  signal(signal: NodeJS.Signals): void;
  /** Signals the command and what it started in its group, as a terminal does. */
  signalGroup(signal: NodeJS.Signals): void;
  /** Kills the command and all its child processes, as a power loss would. */
  killAll(): void;
}

export interface RunnerOptions {
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Time limit of one command. */
  readonly limitMs: number;
}

/** Runs commands in a folder, each in a session of its own, so that the child processes of a killed CLI end with it. */
export class Runner {
  /** The output of all commands. */
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
    let printed = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk) => {
        printed += chunk;
      });
    return {
      result: this.finish(child, [command, ...args]),
      printed: () => printed,
      signal: (signal) => void child.kill(signal),
      signalGroup: (signal) => void (child.pid && process.kill(-child.pid, signal)),
      killAll: () => endSession(child),
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
        reject(
          new Error(`${command.join(" ")} took over ${limitMs / 1000} s and was ended; output so far:\n${output}`),
        );
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
        // A command that exited by itself has no children left, and its process id may be reused.
        if (child.signalCode === null) this.children.delete(child);
        settle();
      });
      // Providers that survive a killed CLI keep its pipes open, so "close" may never come.
      child.on("exit", () => setTimeout(settle, 2_000).unref());
    });
  }
}

/** Kills the whole session, because the engine starts each plugin in a process group of its own, and the sessions that its processes began. */
export function endSession(child: ChildProcess): void {
  if (child.pid === undefined) return;
  // Stopped, the command cannot react to the end of what it started, or start more.
  signal(child.pid, "SIGSTOP");
  for (const session of [...sessionsBelow(child.pid), child.pid]) signal(session, "SIGKILL");
}

/** Of the running processes; one that has lost its parent is not found. */
function sessionsBelow(root: number): number[] {
  const { stdout = "" } = spawnSync("ps", ["-eo", "pid=,ppid=,sid="], { encoding: "utf8", timeout: 10_000 });
  const all = stdout.split("\n").map((line) => line.trim().split(/\s+/).map(Number));
  const below = (parent: number): number[] =>
    all.flatMap(([pid = 0, ppid, sid = 0]) => (ppid === parent ? [...(sid === pid ? [pid] : []), ...below(pid)] : []));
  return below(root);
}

function signal(session: number, name: "SIGSTOP" | "SIGKILL"): void {
  try {
    process.kill(-session, name);
  } catch {
    // The group has already ended.
  }
  spawnSync("pkill", [`--signal=${name}`, `--session=${session}`], { stdio: "ignore", timeout: 10_000 });
}
