import type { DeployedStack } from "../stack/deployed";
import type { Config } from "../stack/file";
import type { Counted, RunningLoad } from "./counted-load";
import type { Leftover } from "./leftovers";
import type { StepRecord } from "./progress";
import type { Ended } from "./pulumi";

/** Everything outside that a run uses. */
export interface Tools {
  /** A command of the CLI on the run's stack. It also ends when `signal` aborts. */
  pulumi(step: string, args: readonly string[], signal: AbortSignal): Promise<Ended>;
  stack(): Promise<DeployedStack>;
  writeConfig(keys: Config): void;
  startLoad(url: string): Promise<RunningLoad>;
  /** Ends early when `signal` aborts. */
  load(signal: AbortSignal): Promise<Counted>;
  tryTask(stack: DeployedStack, signal: AbortSignal): Promise<Tried>;
  leftovers(stack: DeployedStack): Promise<Leftover[]>;
  /** Removes the empty stack and its file. */
  removeStack(): Promise<void>;
  /** Milliseconds. */
  now(): number;
  wait(seconds: number): Promise<unknown>;
  tell(text: string): void;
  /** `otherwise` is what Enter, Ctrl-D and a closed terminal mean. Undefined when nobody can answer. */
  ask(question: string, otherwise: boolean): Promise<boolean | undefined>;
}

export interface Tried {
  readonly outcome: string;
  readonly isFailure: boolean;
  readonly why: string;
  /** From the start to RUNNING; undefined if it never ran. */
  readonly runningAfterSeconds?: number;
}

/** What a step adds to its record. */
export type Result = Pick<StepRecord, "facts" | "created" | "requests" | "taskSeconds" | "leftovers">;
