import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

const root = join(__dirname, "../..");
const limitMs = 100_000;
const graceMs = 10_000;

/** A running `npm start`: its output and its reaction to Ctrl-C. */
export class StartedService {
  private readonly child: ChildProcess;
  private readonly waiting = new Set<() => void>();
  output = "";
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>;

  constructor(args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
    this.child = spawn(process.execPath, [join(root, "tools/start/main.js"), ...args], {
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.output += text;
        for (const look of this.waiting) look();
      });
    }
    this.ended = new Promise((resolve) => this.child.on("close", resolve));
    void this.ended.then(() => {
      for (const look of this.waiting) look();
    });
  }

  /** Resolves once the output contains the text; rejects with all output when the process exits or takes too long. */
  async prints(text: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const late = () => reject(new Error(`did not print "${text}" within ${limitMs / 1000} s:\n${this.output}`));
      setTimeout(late, limitMs).unref();
      const look = () => {
        if (this.output.includes(text)) resolve();
        else if (this.child.exitCode !== null) reject(new Error(`exited without printing "${text}":\n${this.output}`));
      };
      this.waiting.add(look);
      look();
    });
  }

  interrupt(): void {
    this.child.kill("SIGINT");
  }

  /** SIGTERM first: its child processes are in another group, and only it can stop them. */
  kill(): void {
    this.child.kill("SIGTERM");
    setTimeout(() => this.child.kill("SIGKILL"), graceMs).unref();
  }
}
