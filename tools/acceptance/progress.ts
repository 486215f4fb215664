import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readJson } from "../cli/json-file";
import { UserError } from "../cli/user-error";
import type { Counted } from "./counted-load";
import type { TimedResource } from "./engine-events";
import type { Estimate } from "./estimate";
import type { Leftover } from "./leftovers";

export interface StepRecord {
  readonly name: string;
  readonly title: string;
  readonly outcome: "done" | "failed" | "interrupted";
  readonly startedAt: string;
  readonly seconds: number;
  /** Why it failed. */
  readonly why?: string;
  /** What it saw, a sentence each. */
  readonly facts: readonly string[];
  readonly requests?: Counted;
  readonly created?: readonly TimedResource[];
  /** From the start of a task to RUNNING. */
  readonly taskSeconds?: number;
  readonly leftovers?: readonly Leftover[];
}

/** The run so far: acceptance/progress.json. */
export interface Progress {
  /** The value of the tag on its resources. */
  readonly run: string;
  readonly stack: string;
  readonly source: string;
  readonly region: string;
  readonly startedAt: string;
  readonly perSecond: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly differences: readonly string[];
  readonly estimate: Estimate;
  /** Names of the clusters that it had. AWS keeps log groups of theirs. */
  readonly clusters: readonly string[];
  readonly steps: readonly StepRecord[];
}

/** The file is replaced as a whole: a killed run leaves the record of its last step. */
export class ProgressFile {
  readonly path: string;

  constructor(
    readonly folder: string,
    private held?: Progress,
  ) {
    this.path = join(folder, "progress.json");
  }

  static read(folder: string): Progress | undefined {
    const path = join(folder, "progress.json");
    return existsSync(path) ? readJson<Progress>("resume", path, faultOf) : undefined;
  }

  get now(): Progress {
    if (this.held === undefined) throw new Error("the run has not begun");
    return this.held;
  }

  save(progress: Progress): void {
    this.held = progress;
    mkdirSync(this.folder, { recursive: true });
    writeFileSync(`${this.path}.new`, `${JSON.stringify(progress, null, 2)}\n`);
    renameSync(`${this.path}.new`, this.path);
  }

  /** A step that is done again replaces its earlier record. */
  add(record: StepRecord): void {
    const { steps, ...rest } = this.now;
    this.save({ ...rest, steps: [...steps.filter(({ name }) => name !== record.name), record] });
  }

  sawClusters(names: readonly string[]): void {
    const unseen = names.filter((name) => !this.now.clusters.includes(name));
    if (unseen.length > 0) this.save({ ...this.now, clusters: [...this.now.clusters, ...unseen] });
  }
}

export const isDone = ({ steps }: Progress, name: string) =>
  steps.some((step) => step.name === name && step.outcome === "done");

function faultOf(value: unknown): string | undefined {
  const { run, stack, steps } = Object(value) as Partial<Progress>;
  return typeof run === "string" && typeof stack === "string" && Array.isArray(steps)
    ? undefined
    : "it has no run, stack and steps";
}

/** The run that --resume goes on with. */
export function resumable(folder: string, stack: string): Progress {
  const found = ProgressFile.read(folder);
  if (found === undefined)
    throw new UserError("--resume: there is no acceptance/progress.json. Start without --resume");
  if (found.stack !== stack)
    throw new UserError(`--resume: acceptance/progress.json is of stack ${found.stack}; expected ${stack}`);
  if (isDone(found, "leftovers")) throw new UserError("--resume: that run has ended. Start without --resume");
  return found;
}
