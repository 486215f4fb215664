import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../cli/user-error";
import type { ReplicaCommand } from "./replica";

/** The time limit for loading the model, and the interval of the progress lines. */
const patience = { limitSeconds: 120, progressEverySeconds: 2 };

/** One replica as a child process. Its log is held back until it is ready, and printed from then on. */
export class Service {
  private readonly child: ChildProcess;
  private log = "";
  private passOn = false;
  private hasEnded = false;
  /** Resolves with the exit code or the signal when the process has ended. */
  readonly ended: Promise<string>;

  /** True after drain(): the end of the process is then expected. */
  stopping = false;

  constructor(private readonly command: ReplicaCommand) {
    // In its own process group Ctrl-C reaches only this program, which then drains the service like a platform.
    this.child = spawn(command.program, command.args, {
      cwd: command.cwd,
      env: command.env,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => this.receive(text));
    }
    this.ended = new Promise((resolve) => {
      this.child.on("error", (error) => resolve(error.message));
      this.child.on("close", (code, signal) => resolve(signal === null ? `exit code ${code}` : String(signal)));
    });
    void this.ended.then(() => {
      this.hasEnded = true;
    });
  }

  /** Resolves once `readyUrl` answers 200; rejects with the last log line when the service ends first. */
  async untilReady(readyUrl: string, { limitSeconds, progressEverySeconds } = patience): Promise<void> {
    const startedAt = Date.now();
    let printedAtSeconds = 0;
    for (;;) {
      if (this.hasEnded) throw new UserError(`The service ended before it was ready: ${lastLogLine(this.log)}`);
      if (await answersOk(readyUrl)) return;
      const seconds = (Date.now() - startedAt) / 1000;
      if (seconds > limitSeconds) {
        throw new UserError(
          `The service was not ready after ${limitSeconds} s. Its last log line: ${lastLogLine(this.log)}`,
        );
      }
      if (seconds - printedAtSeconds >= progressEverySeconds) {
        printedAtSeconds = seconds;
        console.log(`  not ready yet, ${Math.round(seconds)} s ...`);
      }
      await sleep(50);
    }
  }

  showLog(): void {
    this.passOn = true;
  }

  /** Sends SIGTERM like a platform; true when the service ended within the limit. */
  async drain(limitSeconds: number): Promise<boolean> {
    this.stopping = true;
    this.child.kill("SIGTERM");
    const timeout = new AbortController();
    const late = sleep(limitSeconds * 1000, "late", { signal: timeout.signal }).catch(() => "late");
    const outcome = await Promise.race([this.ended, late]);
    timeout.abort();
    return outcome !== "late";
  }

  /** Kills the service synchronously, as an exit handler must. */
  kill(): void {
    if (this.hasEnded) return;
    const { removal } = this.command;
    if (removal !== undefined) spawnSync(removal.program, removal.args, { stdio: "ignore", timeout: 10_000 });
    this.child.kill("SIGKILL");
  }

  private receive(text: string): void {
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

/** The reason of an end: the last line, which is JSON from the server and plain text from Docker. */
export function lastLogLine(log: string): string {
  const line = log.trim().split("\n").at(-1) ?? "";
  if (line === "") return "the log is empty";
  try {
    return String(JSON.parse(line).msg ?? line);
  } catch {
    return line;
  }
}
