import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../cli/user-error";
import type { ReplicaCommand } from "./replica";

/** How long it may take to load the model, and how often a person is told that it still does. */
const patience = { limitSeconds: 120, progressEverySeconds: 2 };

/** One replica as a child of this program. Its log is kept back until it is ready, and passed on from then on. */
export class Service {
  private readonly child: ChildProcess;
  private log = "";
  private passOn = false;
  private hasEnded = false;
  /** Settles when the process has ended, with what it ended with. */
  readonly ended: Promise<string>;

  /** True from the moment it was told to end: its end is then no surprise. */
  stopping = false;

  constructor(private readonly command: ReplicaCommand) {
    // Its own process group: Ctrl-C reaches this program alone, which then asks the service to drain as a platform does.
    this.child = spawn(command.program, command.args, {
      cwd: command.cwd,
      env: command.env,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => this.hear(text));
    }
    this.ended = new Promise((resolve) => {
      this.child.on("error", (error) => resolve(error.message));
      this.child.on("close", (code, signal) => resolve(signal === null ? `exit code ${code}` : String(signal)));
    });
    void this.ended.then(() => {
      this.hasEnded = true;
    });
  }

  /** Resolves once `readyUrl` answers 200; rejects with the service's own last word when it ends instead. */
  async untilReady(readyUrl: string, { limitSeconds, progressEverySeconds } = patience): Promise<void> {
    const startedAt = Date.now();
    let saidAtSeconds = 0;
    for (;;) {
      if (this.hasEnded) throw new UserError(`The service ended before it was ready: ${lastWord(this.log)}`);
      if (await answersOk(readyUrl)) return;
      const seconds = (Date.now() - startedAt) / 1000;
      if (seconds > limitSeconds) {
        throw new UserError(`The service was not ready after ${limitSeconds} s. Its last word: ${lastWord(this.log)}`);
      }
      if (seconds - saidAtSeconds >= progressEverySeconds) {
        saidAtSeconds = seconds;
        console.log(`  not ready yet, ${Math.round(seconds)} s ...`);
      }
      await sleep(50);
    }
  }

  showLog(): void {
    this.passOn = true;
  }

  /** SIGTERM, as a platform stops a replica; true when it ended within the limit. */
  async drain(limitSeconds: number): Promise<boolean> {
    this.stopping = true;
    this.child.kill("SIGTERM");
    const timeout = new AbortController();
    const late = sleep(limitSeconds * 1000, "late", { signal: timeout.signal }).catch(() => "late");
    const outcome = await Promise.race([this.ended, late]);
    timeout.abort();
    return outcome !== "late";
  }

  /** At once and without waiting, so that it can be the last thing this program does. */
  kill(): void {
    if (this.hasEnded) return;
    const { removal } = this.command;
    if (removal !== undefined) spawnSync(removal.program, removal.args, { stdio: "ignore", timeout: 10_000 });
    this.child.kill("SIGKILL");
  }

  private hear(text: string): void {
    if (this.passOn) process.stdout.write(text);
    else this.log += text;
  }
}

async function answersOk(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2000) })).ok;
  } catch {
    return false;
  }
}

/** The server logs JSON lines, Docker plain ones: either way the last line is what ended it. */
export function lastWord(log: string): string {
  const line = log.trim().split("\n").at(-1) ?? "";
  if (line === "") return "it said nothing";
  try {
    return String(JSON.parse(line).msg ?? line);
  } catch {
    return line;
  }
}
