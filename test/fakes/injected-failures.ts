import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Account, Operation } from "./account";

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

/**
 * A failure of the first operation of its kind on every resource. AWS refuses it; or AWS does it and the provider reports the id with
 * an error, as after a wait that ended; or AWS does it and the answer is lost, so that nobody knows the id.
 */
export interface FirstFailure {
  readonly how: "refused" | "unfinished" | "lost";
  /** In every message. Failures of an earlier stage do not count. */
  readonly stage: string;
}

const firstIn = (folder: string) => join(folder, "first-failure.json");

export function failFirst(folder: string, failure: FirstFailure | undefined): void {
  writeFileSync(firstIn(folder), JSON.stringify(failure ?? null));
}

/** The failure of this operation, unless one of its kind on this resource has failed before. The journal says so. */
export function firstFailure(
  account: Account,
  op: Operation,
  urn: string,
): { readonly how: FirstFailure["how"]; readonly message: string } | undefined {
  if (!existsSync(firstIn(account.folder))) return undefined;
  const failure = JSON.parse(readFileSync(firstIn(account.folder), "utf8")) as FirstFailure | null;
  if (failure === null) return undefined;
  const message = firstMessage(failure);
  const hasFailed = account
    .entries()
    .some((entry) => entry.reason === message && entry.op === op && entry.urn === urn && entry.phase === "refused");
  return hasFailed ? undefined : { how: failure.how, message };
}

export const firstMessage = ({ how, stage }: FirstFailure) => `the first operation is ${how}, in ${stage}`;
