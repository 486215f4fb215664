import type { Problem } from "../core/problems";
import type { Values } from "./keys";

/** A condition on several keys. Rules stand beside the entries, not in them: the values they read are typed by all entries. */
export interface Rule {
  /** The key that the documentation lists it under. */
  readonly key: keyof Values;
  /** The rule in the documentation. */
  readonly fact: string;
  /** An unknown region is empty. `readable` has the objects with an invalid field as well: such a field is undefined. */
  problems(values: Partial<Values>, region: string, stack: string, readable?: Partial<Values>): Problem[];
}

interface Written<K extends keyof Values> extends Pick<Rule, "key" | "fact"> {
  readonly reads: readonly K[];
  readonly problems: (values: Pick<Values, K>, region: string, stack: string) => Problem[];
}

/** Runs when all keys that it reads are valid, whatever else is wrong. */
export function whenValid<K extends keyof Values>({ key, fact, reads, problems }: Written<K>): Rule {
  const isValid = (values: Partial<Values>): values is Pick<Values, K> => reads.every((name) => name in values);
  return { key, fact, problems: (values, region, stack) => (isValid(values) ? problems(values, region, stack) : []) };
}

interface WrittenFields<K extends keyof Values> extends Pick<Rule, "key" | "fact"> {
  readonly key: K;
  readonly fields: readonly (keyof Values[K])[];
  readonly problems: (value: Values[K]) => Problem[];
}

/** Runs when these fields of an object are valid, whatever else is wrong with it. An invalid item of a list is undefined. */
export function whenFieldsValid<K extends keyof Values>({ key, fact, fields, problems }: WrittenFields<K>): Rule {
  const isInvalid = (value: Readonly<Record<PropertyKey, unknown>>) =>
    fields.some((name) => Object.hasOwn(value, name) && value[name] === undefined);
  return {
    key,
    fact,
    problems(values, _region, _stack, { [key]: value } = values) {
      return value === undefined || isInvalid(Object(value)) ? [] : problems(value);
    },
  };
}
