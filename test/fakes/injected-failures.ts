import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Operation } from "./account";

/** What a test tells the fake providers to do, beside what they do anyway. */
export interface InjectedFailure {
  /** Name of the resource in the program, or the token of a function. */
  name: string;
  /** For a name that resources of several types share. */
  type?: string;
  op: Operation;
  /**
   * `fail` refuses; `hang` answers only when cancelled; `slow` waits first; `failDeployment` accepts, as ECS does, what
   * it then cannot start: a new service never runs, a changed one goes on as it was; `soundAlarm` starts the version and has the alarm
   * named in the message fire, of which only a service that watches that alarm takes any notice.
   */
  does: "fail" | "hang" | "slow" | "failDeployment" | "soundAlarm";
  message?: string;
  milliseconds?: number;
}

const fileIn = (folder: string) => join(folder, "injected-failures.json");

export function injectFailures(folder: string, failures: InjectedFailure[]): void {
  writeFileSync(fileIn(folder), JSON.stringify(failures));
}

/** Read at every operation, so that a test can change its mind while a deployment runs. */
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
