import { parseCidr, parseCidr6 } from "../core/cidr";
import type { Problem } from "../core/problems";
import { nearest } from "./did-you-mean";

type ConfigType = "string" | "integer" | "number" | "boolean" | "object" | "array";

/** What a configuration value may be. `read` reports what does not fit and then returns undefined. */
export interface Schema<T> {
  readonly type: ConfigType;
  /** What a value must be, as problems and the documentation put it. */
  readonly expected: string;
  /** Inside an object: may be left out, and has no default. */
  readonly optional?: true;
  /** What is inside an object or a list, by field; `<name>` stands for any name and `[]` for any item. */
  readonly parts?: Fields;
  /** Of the fields of an object. */
  readonly defaults?: Readonly<Record<string, unknown>>;
  read(value: unknown, key: string, problems: Problem[]): T | undefined;
}

export type ValueOf<S> = S extends Schema<infer T> ? T : never;

function scalar<T>(type: ConfigType, expected: string, parse: (value: unknown) => T | undefined): Schema<T> {
  return {
    type,
    expected,
    read(value, key, problems) {
      const parsed = parse(value);
      if (parsed === undefined) problems.push({ key, value, expected });
      return parsed;
    },
  };
}

/** The engine hands every top-level value over as text, values inside an object as YAML typed them. */
const asInteger = (value: unknown) => (typeof value === "string" && /^-?\d{1,15}$/.test(value) ? Number(value) : value);

export function integer(min: number, max: number): Schema<number> {
  return scalar("integer", `a whole number from ${min} to ${max}`, (given) => {
    const value = asInteger(given);
    return typeof value === "number" && Number.isInteger(value) && value >= min && value <= max ? value : undefined;
  });
}

export function decimal(min: number, max: number): Schema<number> {
  return scalar("number", `a number from ${min} to ${max}`, (given) => {
    // `pulumi config set --path` keeps a fraction as text.
    const value = typeof given === "string" && /^\d{1,9}(\.\d{1,9})?$/.test(given) ? Number(given) : given;
    return typeof value === "number" && value >= min && value <= max ? value : undefined;
  });
}

export function integerIn(values: readonly number[]): Schema<number> {
  return scalar("integer", `one of ${values.join(", ")}`, (given) =>
    values.find((value) => value === asInteger(given)),
  );
}

export const flag: Schema<boolean> = scalar("boolean", "true or false", (value) => {
  if (value === "true") return true;
  if (value === "false") return false;
  return typeof value === "boolean" ? value : undefined;
});

export function oneOf<const T extends string>(values: readonly T[]): Schema<T> {
  return scalar("string", `one of ${values.join(", ")}`, (value) => values.find((known) => known === value));
}

export function text(expected: string, fits: (value: string) => boolean): Schema<string> {
  return scalar("string", expected, (value) => (typeof value === "string" && fits(value) ? value : undefined));
}

export const cidr = text(
  "an IPv4 block such as 203.0.113.0/24, without host bits",
  (value) => parseCidr(value) !== undefined,
);

export const ipv4Or6Block = text(
  "a block such as 203.0.113.0/24 or 2001:db8::/32, without host bits",
  (value) => (parseCidr(value) ?? parseCidr6(value)) !== undefined,
);

/** A value that may be confidential even if it is invalid: a problem shows its key only. */
export const redacted = <T>(schema: Schema<T>): Schema<T> => ({
  ...schema,
  read(value, key, problems) {
    const found: Problem[] = [];
    const parsed = schema.read(value, key, found);
    problems.push(...found.map((problem) => ({ ...problem, value: hidden(problem.value) })));
    return parsed;
  },
});

export const hidden = (value: unknown) => (value === undefined ? undefined : "[not shown]");

const digits = (value: number) => String(value).replace(/e.*/, "").replace(/\D/g, "").replace(/^0+/, "").length;
/** JavaScript keeps 15 digits of any number. The engine refuses .inf and .nan. */
const isExact = (value: number) => Math.abs(value) < 1e15 && digits(value) <= 15;

/** Text for an environment variable: YAML parses 8080 and true as other types, but the variable is text. */
export const environmentText: Schema<string> = scalar(
  "string",
  "text, a number of at most 15 digits, true or false",
  (value) => {
    const fits = typeof value === "number" ? isExact(value) : typeof value === "string" || typeof value === "boolean";
    return fits ? String(value) : undefined;
  },
);

/** Objects and lists arrive as JSON text from the engine, as themselves from a YAML file. */
export function fromJson(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readRecord(value: unknown, key: string, expected: string, problems: Problem[]) {
  const given = fromJson(value);
  if (isRecord(given)) return given;
  problems.push({ key, value, expected });
  return undefined;
}

export function list<T>(item: Schema<T>): Schema<readonly T[]> {
  const expected = "a list";
  return {
    type: "array",
    expected,
    parts: { "[]": item },
    read(value, key, problems) {
      const given = fromJson(value);
      if (!Array.isArray(given)) {
        problems.push({ key, value, expected });
        return undefined;
      }
      return given.map((entry, index) => item.read(entry, `${key}[${index}]`, problems) as T);
    },
  };
}

interface NameRule {
  readonly expected: string;
  readonly fits: RegExp;
}

/** Names that a stack chooses, each with a value of the same shape. */
export function record<T>(name: NameRule, item: Schema<T>): Schema<Readonly<Record<string, T>>> {
  return {
    type: "object",
    expected: name.expected,
    parts: { "<name>": item },
    read(value, key, problems) {
      const given = readRecord(value, key, "an object of names with values", problems);
      if (!given) return undefined;
      const entries = Object.entries(given).flatMap(([field, entry]) => {
        if (name.fits.test(field)) return [[field, item.read(entry, `${key}.${field}`, problems) as T] as const];
        problems.push({ key: `${key}.${field}`, value: field, expected: name.expected });
        return [];
      });
      return Object.fromEntries(entries);
    },
  };
}

type Fields = Readonly<Record<string, Schema<unknown>>>;
type OptionalNames<F extends Fields> = { [K in keyof F]: undefined extends ValueOf<F[K]> ? K : never }[keyof F];
type FieldValues<F extends Fields> = {
  readonly [K in Exclude<keyof F, OptionalNames<F>>]: ValueOf<F[K]>;
} & { readonly [K in OptionalNames<F>]?: ValueOf<F[K]> };

export const optional = <T>(schema: Schema<T>): Schema<T | undefined> => ({ ...schema, optional: true });

/** `{}` means absent: an optional key of Pulumi.yaml needs a default. */
export const emptyAsUndefined = <T>(schema: Schema<T>): Schema<T | undefined> => ({
  ...schema,
  read(value, key, problems) {
    const given = fromJson(value);
    const isNone = isRecord(given) && Object.keys(given).length === 0;
    return isNone ? undefined : schema.read(given, key, problems);
  },
});

/** Fields that are not given keep their default, so that setting one of them does not lose the others. */
export function object<F extends Fields>(fields: F, defaults: Partial<FieldValues<F>> = {}): Schema<FieldValues<F>> {
  const expected = `an object with ${Object.keys(fields).join(", ")}`;
  return {
    type: "object",
    expected,
    parts: fields,
    defaults,
    read(value, key, problems) {
      const given = readRecord(value, key, expected, problems);
      if (!given) return undefined;
      reportUnknown(given, fields, key, problems);
      const merged: Record<string, unknown> = { ...defaults, ...given };
      const entries = Object.entries(fields).flatMap(([field, schema]) => {
        if (merged[field] === undefined && schema.optional) return [];
        return [[field, schema.read(merged[field], `${key}.${field}`, problems)] as const];
      });
      return Object.fromEntries(entries) as FieldValues<F>;
    },
  };
}

/** A suggestion for each likely typo; all others together, so that the list of keys appears once. */
export function reportUnknown(
  given: Readonly<Record<string, unknown>>,
  known: Fields,
  prefix: string,
  problems: Problem[],
) {
  const names = Object.keys(known);
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(known, name));
  const path = (name: string) => (prefix ? `${prefix}.${name}` : name);
  const report = (key: string, expected: string) =>
    problems.push({ key, value: undefined, expected, isUnknownKey: true });
  const likely = new Map(unknown.map((name) => [name, nearest(name, names)]));
  for (const [name, meant] of likely) if (meant) report(path(name), `did you mean ${meant}?`);
  const others = unknown.filter((name) => likely.get(name) === undefined).map(path);
  if (others.length > 0) report(others.join(", "), `expected ${prefix ? "" : "one of "}${names.join(", ")}`);
}
