import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { askReadiness } from "../../components/core/readiness";
import { UserError } from "../cli/user-error";
import type { ReplicaCommand } from "./replica";

export interface Patience {
  /** The time limit for loading the model. */
  readonly limitSeconds?: number;
  readonly progressEverySeconds?: number;
  /** What a server does that waiting does not change. Undefined: it may still be starting. */
  readonly hint?: () => Promise<string | undefined>;
  /** How long a hint may last. */
  readonly hintSeconds?: number;
}

/** The service ended, or its time was over. */
export class NotReady extends UserError {
  constructor(
    readonly summary: string,
    readonly lastLine: string,
    message = `${summary}: ${lastLine}`,
  ) {
    super(message);
  }
}

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

  /** Resolves with the seconds once `readyUrl` answers 200; rejects with the last log line when the service ends first. */
  async untilReady(readyUrl: string, patience: Patience = {}): Promise<number> {
    const { limitSeconds = 120, progressEverySeconds = 2, hint, hintSeconds = 10 } = patience;
    const startedAt = Date.now();
    let printedAtSeconds = 0;
    let hintedSince: number | undefined;
    for (;;) {
      if (this.hasEnded) throw new NotReady("The service ended before it was ready", lastLogLine(this.log));
      const answer = await askReadiness(readyUrl);
      const seconds = (Date.now() - startedAt) / 1000;
      if (answer === undefined) return seconds;
      if (seconds > limitSeconds) throw this.late(limitSeconds, `GET ${new URL(readyUrl).pathname} ${answer}`);
      if (seconds - printedAtSeconds >= progressEverySeconds && !this.stopping) {
        printedAtSeconds = seconds;
        const found = await hint?.();
        console.log(`  not ready yet, ${Math.round(seconds)} s${found === undefined ? " ..." : `: ${found}`}`);
        hintedSince = found === undefined ? undefined : (hintedSince ?? seconds);
        if (hintedSince !== undefined && seconds - hintedSince >= hintSeconds) throw this.misplaced(seconds, found);
      }
      await sleep(50);
    }
  }

  private misplaced(seconds: number, hint = ""): NotReady {
    return new NotReady(`The service was not ready after ${Math.round(seconds)} s: ${hint}`, lastLogLine(this.log));
  }

  private late(limitSeconds: number, answer: string): NotReady {
    const last = lastLogLine(this.log);
    const summary = `The service was not ready after ${limitSeconds} s`;
    return new NotReady(`${summary}: ${answer}`, last, `${summary}. Its last log line: ${last}`);
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
    const { removal } = this.command;
    if (removal !== undefined) spawnSync(removal.program, removal.args, { stdio: "ignore", timeout: 10_000 });
    if (!this.hasEnded) this.child.kill("SIGKILL");
  }

  private receive(text: string): void {
    if (this.passOn) process.stdout.write(text);
    else this.log += text;
  }
}

/** The reason of an end: the last line, which is JSON from the server and plain text from Docker. */
export function lastLogLine(log: string): string {
  // Servers such as Flask colour their log.
  const line = stripVTControlCharacters(log).trim().split("\n").at(-1) ?? "";
  if (line === "") return "the log is empty";
  try {
    return String(JSON.parse(line).msg ?? line);
  } catch {
    return line;
  }
}
