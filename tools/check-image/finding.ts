/** `not checked` says why; it is never counted as working. */
export type Verdict = "ok" | "warning" | "problem" | "not checked";

export type Value = string | number | boolean | readonly string[];

/** A key of the stack file, such as container.port, and the value to give it. */
export interface Suggestion {
  readonly key: string;
  readonly value: Value;
}

export interface Finding {
  readonly verdict: Verdict;
  readonly text: string;
  readonly set?: readonly Suggestion[];
}

const finding =
  (verdict: Verdict) =>
  (text: string, set?: Readonly<Record<string, Value>>): Finding => ({
    verdict,
    text,
    ...(set && { set: Object.entries(set).map(([key, value]) => ({ key, value })) }),
  });

export const ok = finding("ok");
export const warning = finding("warning");
export const problem = finding("problem");
export const notChecked = finding("not checked");
