import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { UserError } from "../cli/user-error";
import { projectFolder } from "../stack/file";
import { limitOpenOutput } from "../stack/pulumi-run";
import { type EngineEvent, eventsIn, newestMessage, waitingFor } from "./engine-events";

export interface Watching {
  /** Its whole output. */
  readonly log: string;
  /** Where the CLI writes its events. Without it, none are read. */
  readonly events?: string;
  /** Interrupts the command as Ctrl-C does: the CLI ends what it has begun. */
  readonly signal: AbortSignal;
  /** Every few seconds, what the command waits for. */
  readonly waiting: (text: string) => void;
}

export interface Ended {
  readonly code: number;
  readonly output: string;
  readonly events: readonly EngineEvent[];
}

/** The events of a large update are megabytes. */
const tickMs = 3_000;

const running = new Set<{ kill(signal: NodeJS.Signals): boolean }>();

/** A second interrupt makes the CLI stop at once. */
export function interruptRunning(): void {
  for (const child of running) child.kill("SIGINT");
}

/** Runs a command of the Pulumi CLI in a group of its own: a terminal sends Ctrl-C to a whole group, and the CLI takes two as "at once". */
export function runPulumi(args: readonly string[], { log, events, signal, waiting }: Watching): Promise<Ended> {
  const eventArgs = events === undefined ? [] : ["--event-log", events];
  const child = spawn("pulumi", [...args, ...eventArgs, "--non-interactive", "--color", "never"], {
    cwd: projectFolder,
    // The CLI hides --event-log without it.
    env: { ...process.env, PULUMI_DEBUG_COMMANDS: "true" },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  limitOpenOutput(child);
  const file = createWriteStream(log, { flags: "a" });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      file.write(text);
    });
  }
  const interrupt = () => void child.kill("SIGINT");
  signal.addEventListener("abort", interrupt, { once: true });
  const ticking = setInterval(() => waiting(events === undefined ? "" : described(eventsIn(events))), tickMs);
  running.add(child);
  return new Promise<Ended>((resolve, reject) => {
    child.on("error", (error: NodeJS.ErrnoException) =>
      reject(
        error.code === "ENOENT"
          ? new UserError("There is no pulumi on PATH: https://www.pulumi.com/docs/install")
          : error,
      ),
    );
    child.on("close", (code) =>
      resolve({ code: code ?? 1, output, events: events === undefined ? [] : eventsIn(events) }),
    );
  }).finally(() => {
    clearInterval(ticking);
    signal.removeEventListener("abort", interrupt);
    running.delete(child);
    file.end();
  });
}

const shownResources = 2;

function described(events: readonly EngineEvent[]): string {
  const waits = waitingFor(events, Date.now() / 1000);
  const shown = waits
    .slice(0, shownResources)
    .map(({ type, name, seconds }) => `${type.split(":").pop()} ${name} (${seconds.toFixed(0)} s)`);
  const more = waits.length > shown.length ? [`${waits.length - shown.length} more`] : [];
  if (shown.length > 0) return `waits for ${[...shown, ...more].join(", ")}`;
  return newestMessage(events) ?? "";
}
