import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { onEnd } from "../../support/on-end";

export const heldLimitMs = 120_000;

/** A program that starts something, prints a line about it, and holds it until a signal. */
export class HeldProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly pid: number | undefined,
    /** What it printed. */
    readonly line: string,
  ) {}

  static async start(program: string): Promise<HeldProcess> {
    const child = spawn(process.execPath, ["-r", "ts-node/register/transpile-only", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    onEnd(() => child.kill());
    const over = new AbortController();
    const timer = setTimeout(() => over.abort(new Error(`${program} printed no line in time`)), heldLimitMs);
    child.once("exit", (code) => over.abort(new Error(`${program} ended with exit code ${code}`)));
    try {
      const [line] = await once(child.stdout, "data", { signal: over.signal });
      return new HeldProcess(child, child.pid, String(line).trim());
    } finally {
      clearTimeout(timer);
    }
  }

  /** Resolves when the process has ended. */
  async end(signal: NodeJS.Signals): Promise<void> {
    const ended = once(this.child, "exit");
    this.child.kill(signal);
    await ended;
  }
}
