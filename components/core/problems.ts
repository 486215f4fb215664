import { RunError } from "@pulumi/pulumi";

/** One mistake in what a person wrote. Problems are collected and reported together, before the first resource. */
export interface Problem {
  readonly key: string;
  readonly value: unknown;
  readonly expected: string;
  /** The key does not exist. Its value is not shown: it may be a secret. */
  readonly isUnknownKey?: true;
}

const longestShownValue = 120;

function show(value: unknown): string {
  if (value === undefined) return "missing";
  const text = (typeof value === "number" ? undefined : JSON.stringify(value)) ?? String(value);
  return text.length > longestShownValue ? `${text.slice(0, longestShownValue)}…` : text;
}

/** `where` follows the number of problems, as in " found in the AWS account". */
export function describeProblems(subject: string, problems: readonly Problem[], where = ""): string {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  return [`${subject}: ${count}${where}`, ...problems.map((problem) => `  ${describe(problem)}`)].join("\n");
}

function describe({ key, value, expected, isUnknownKey }: Problem): string {
  const keys = key.includes(", ") ? "keys" : "key";
  const line = isUnknownKey ? `unknown ${keys} ${key}: ${expected}` : `${key} is ${show(value)}; expected ${expected}`;
  return onOneLine(line);
}

/** What is expected may repeat a name that a person wrote, with a line break or a sign for the terminal in it. */
const onOneLine = (text: string) =>
  text.replace(/\p{Cc}/gu, (sign) =>
    sign === "\n" ? "\\n" : `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** An error that lists all problems, without a stack trace. */
export function refusal(subject: string, problems: readonly Problem[], where?: string): RunError {
  return deploymentError(describeProblems(subject, problems, where));
}

/**
 * An error without a stack trace. Pulumi does not print the trace, but renders it with all the promises around it, which took most of a
 * minute.
 */
export function deploymentError(message: string): RunError {
  const error = new RunError(message);
  error.stack = undefined;
  return error;
}

/**
 * Fails the program with an error: Pulumi's handler of unhandled rejections prints it and ends with a code other than 0. The returned
 * promise never settles. Rejecting an output that most resources depend on takes minutes: under the debugger session of
 * Pulumi's SDK (runtime/closure/v8Hooks), V8 walks every path of the promises behind it to predict who catches the error.
 */
export function endProgram(error: unknown): Promise<never> {
  void Promise.reject(error);
  return new Promise<never>(() => {});
}
