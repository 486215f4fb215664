import type { Problem } from "../core/problems";
import type { Values } from "./keys";

/** A condition on several keys. Rules stand beside the entries, not in them: the values they read are typed by all entries. */
export interface Rule {
  /** The key that the documentation lists it under. */
  readonly key: keyof Values;
  /** The rule in the documentation. */
  readonly fact: string;
  /** An unknown region is empty. */
  problems(values: Partial<Values>, region: string, stack: string): Problem[];
}

interface Written<K extends keyof Values> extends Pick<Rule, "key" | "fact"> {
  readonly reads: readonly K[];
  readonly problems: (values: Pick<Values, K>, region: string, stack: string) => Problem[];
}

/** Runs when all keys that it reads are valid, whatever else is wrong. */
export function whenValid<K extends keyof Values>({ key, fact, reads, problems }: Written<K>): Rule {
  const isValid = (values: Partial<Values>): values is Pick<Values, K> => reads.every((name) => name in values);
  return { key, fact, problems: (values, ...where) => (isValid(values) ? problems(values, ...where) : []) };
}
