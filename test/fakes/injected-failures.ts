import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Operation } from "./account";

/** A failure or delay that a test injects into an operation of the fake providers. */
export interface InjectedFailure {
  /** Name of the resource in the program, or the token of a function. */
  name: string;
  /** Needed when resources of several types share the name. */
  type?: string;
  op: Operation;
  /**
   * `fail` refuses; `hang` answers only when cancelled; `slow` waits first; `failDeployment` accepts the operation, but the version
   * never runs: a new service has no tasks, a changed one keeps its old version; `soundAlarm` starts the version and fires the
   * alarm named in the message, which rolls back a service that uses it as a deployment alarm.
   */
  does: "fail" | "hang" | "slow" | "failDeployment" | "soundAlarm";
  message?: string;
  milliseconds?: number;
}

const fileIn = (folder: string) => join(folder, "injected-failures.json");

export function injectFailures(folder: string, failures: InjectedFailure[]): void {
  writeFileSync(fileIn(folder), JSON.stringify(failures));
}

/** Read at every operation, so that a test can change it during a deployment. */
export function injectedFailure(
  folder: string,
  op: Operation,
  subject: { name: string; type: string },
): InjectedFailure | undefined {
  if (!existsSync(fileIn(folder))) return undefined;
  const failures = JSON.parse(readFileSync(fileIn(folder), "utf8")) as InjectedFailure[];
  return failures.find(
    (failure) => failure.op === op && failure.name === subject.name && (failure.type ?? subject.type) === subject.type,
  );
}
