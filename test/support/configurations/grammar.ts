import fc from "fast-check";
import type { Problem } from "../../../components/core/problems";
import type { Entry } from "../../../components/settings/entry";
import { keys } from "../../../components/settings/keys";
import { fromJson, isRecord, type Schema } from "../../../components/settings/schema";

type AnySchema = Schema<unknown>;

/** The values that the entries show of each part of the schema: in examples, in defaults and as fallback. */
const shown = new Map<AnySchema, unknown[]>();

function collect(schema: AnySchema, value: unknown): void {
  if (value === undefined) return;
  shown.set(schema, [...(shown.get(schema) ?? []), value]);
  const { parts = {} } = schema;
  const inside = fromJson(value);
  if (Array.isArray(inside)) for (const item of inside) if (parts["[]"]) collect(parts["[]"], item);
  if (!isRecord(inside)) return;
  for (const [name, part] of Object.entries(inside)) {
    const known = Object.hasOwn(parts, name) ? parts[name] : parts["<name>"];
    if (known) collect(known, part);
  }
}

function collectDefaults(schema: AnySchema): void {
  for (const [name, value] of Object.entries(schema.defaults ?? {})) {
    const part = schema.parts?.[name];
    if (part) collect(part, value);
  }
  for (const part of Object.values(schema.parts ?? {})) collectDefaults(part);
}

const entries = Object.entries<Entry<unknown>>(keys);
export const schemaOf = new Map(entries.map(([name, { schema }]) => [name, schema]));
for (const [, { schema, fallback, example }] of entries) {
  collect(schema, fallback);
  collectDefaults(schema);
  for (const [name, value] of Object.entries(example)) {
    const named = schemaOf.get(name);
    if (named) collect(named, value);
  }
}

function accepts(schema: AnySchema, value: unknown): boolean {
  const problems: Problem[] = [];
  schema.read(value, "x", problems);
  return problems.length === 0;
}

/** What a message says of a value: its words, those in quotes, and the two ends of a range with their neighbours. */
function wordsOf({ expected }: AnySchema): unknown[] {
  const words = expected.split(/[\s,;]+/).map((word) => word.replace(/^["`(]+|["`):.]+$/g, ""));
  const [, first, last] = /from (-?[\d.]+) to (-?[\d.]+)$/.exec(expected) ?? [];
  const ends = [first, last].filter((end) => end !== undefined).map(Number);
  return [...words, ...words.map(Number).filter(Number.isFinite), ...ends.flatMap((end) => [end, end + 1, end - 1])];
}

/** Too long for a message. */
const kubeconfig = JSON.stringify({ clusters: [{ cluster: { server: "https://x" } }], contexts: [], users: [] });
const ofAnyKey = new Set<unknown>([
  true,
  false,
  kubeconfig,
  ...[...shown.values()].flat().filter((value) => typeof value === "string"),
]);

/** Accepted values of a part that has no parts itself: those that its message or an example shows, or else what another key shows. */
export function knownValues(schema: AnySchema): unknown[] {
  const all = [...(shown.get(schema) ?? []), ...wordsOf(schema), true, false];
  const own = [...new Set(all)].filter((value) => accepts(schema, value));
  return own.length > 0 ? own : [...ofAnyKey].filter((value) => accepts(schema, value));
}

const ofOtherTypes: readonly unknown[] = [
  ...[null, true, "", " ", "null", "[]", "{}", "{", [], {}, [null], [[]], { "": null }, { secure: "v1:abc:def" }],
  ...[0, -1, 0.5, 1e21, Number.NaN, Number.POSITIVE_INFINITY, "1e9", "0x10", "-1", "1.0", "NaN", "yes"],
  ...["__proto__", "constructor", "0.0.0.0/0", "::/0", "ecs", "10.0.0.0/16", "🦊", "a\u0000b", "x".repeat(300)],
];

/** One character too many, too few, or of another case. */
const mutations: readonly ((text: string) => unknown)[] = [
  (text) => `${text}x`,
  (text) => `${text} `,
  (text) => `${text}\n`,
  (text) => ` ${text}`,
  (text) => text.slice(0, -1),
  (text) => text.slice(1),
  (text) => text.toUpperCase(),
  (text) => `${text}${text}`,
  (text) => [text],
  (text) => ({ [text]: text }),
];

function leaf(schema: AnySchema): fc.Arbitrary<unknown> {
  const valid = knownValues(schema);
  const near = [...valid, ...wordsOf(schema)];
  return fc.oneof(
    { weight: 30, arbitrary: fc.constantFrom(...valid) },
    { weight: 1, arbitrary: fc.constantFrom(...near, ...ofOtherTypes) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom(...near), fc.constantFrom(...mutations))
        .map(([value, mutate]) => mutate(String(value))),
    },
    { weight: 1, arbitrary: fc.oneof(fc.string({ maxLength: 12 }), fc.integer(), fc.double()) },
  );
}

const unknownNames = ["__proto__", "constructor", "toString", "", "dbPassword", "secure", "🦊"];
const invented = ["a", "b", "blue", "green", "x-1", "A_1", "metrics-server", "StringEquals", "aws:SourceVpc", "aud"];

/** A name with a letter too many, too few, or two of them exchanged. */
export const nearMiss = (names: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom(...names), fc.nat({ max: 20 }), fc.constantFrom("double", "drop", "swap", "upper"))
    .map(([name, at, how]) => {
      const index = at % name.length;
      const [before, letter = "", after] = [name.slice(0, index), name[index], name.slice(index + 1)];
      if (how === "double") return before + letter + letter + after;
      if (how === "drop") return before + after;
      if (how === "upper") return before + letter.toUpperCase() + after;
      return before + after.slice(0, 1) + letter + after.slice(1);
    });

/** A name that the schema hardly has. Without the signs that divide a path, so that a problem's key has one meaning. */
export const strayName = (names: readonly string[]): fc.Arbitrary<string> =>
  fc
    .oneof(fc.constantFrom(...unknownNames), nearMiss(names), fc.string({ maxLength: 8 }))
    .filter((name) => !/[.[\]]/.test(name));

const fromEntries = (all: readonly (readonly [string, unknown])[]) => {
  // Assignment would call the setter of __proto__, as JSON.parse does not.
  const made: Record<string, unknown> = {};
  for (const [name, value] of all)
    Object.defineProperty(made, name, { value, enumerable: true, configurable: true, writable: true });
  return made;
};

function anObject(fields: Readonly<Record<string, AnySchema>>, { defaults = {} }: AnySchema): fc.Arbitrary<unknown> {
  const names = Object.keys(fields);
  const needed = names.filter((name) => !fields[name]?.optional && defaults[name] === undefined);
  const model = Object.fromEntries(Object.entries(fields).map(([name, part]) => [name, valuesOf(part)]));
  const stray = fc.array(fc.tuple(strayName(names), fc.constantFrom(...ofOtherTypes)), { maxLength: 2 });
  return fc.oneof(
    { weight: 20, arbitrary: fc.record(model, { requiredKeys: needed }) },
    { weight: 1, arbitrary: fc.record(model, { requiredKeys: [] }) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.record(model, { requiredKeys: needed }), stray)
        .map(([given, more]) => fromEntries([...Object.entries(given), ...more])),
    },
  );
}

function named(schema: AnySchema, item: AnySchema): fc.Arbitrary<unknown> {
  const known = (shown.get(schema) ?? []).flatMap((value) => (isRecord(value) ? Object.keys(value) : []));
  const name = fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(...known, ...invented) },
    { weight: 1, arbitrary: strayName([...known, ...invented]) },
  );
  return fc.array(fc.tuple(name, valuesOf(item)), { maxLength: 4 }).map(fromEntries);
}

const made = new Map<AnySchema, fc.Arbitrary<unknown>>();

/** Values of a part of the schema, most of them valid. */
export function valuesOf(schema: AnySchema): fc.Arbitrary<unknown> {
  const before = made.get(schema);
  if (before) return before;
  const values = withParts(schema);
  made.set(schema, values);
  return values;
}

function withParts(schema: AnySchema): fc.Arbitrary<unknown> {
  const { parts } = schema;
  if (!parts) return leaf(schema);
  const [item, each] = [parts["[]"], parts["<name>"]];
  const whole = shown.get(schema) ?? [];
  const generated = item
    ? fc.array(valuesOf(item), { maxLength: 4 })
    : each
      ? named(schema, each)
      : anObject(parts, schema);
  return fc.oneof(
    { weight: 16, arbitrary: generated },
    ...(whole.length > 0 ? [{ weight: 8, arbitrary: fc.constantFrom(...whole) }] : []),
    { weight: 1, arbitrary: fc.constantFrom(...ofOtherTypes) },
  );
}

/** Parts of the schema for which neither the message nor an example shows a value, by their path. */
export function unshown(
  parts: Readonly<Record<string, AnySchema>> = Object.fromEntries(schemaOf),
  path = "",
): string[] {
  return Object.entries(parts).flatMap(([name, schema]) => {
    const key = path ? `${path}.${name}` : name;
    if (schema.parts) return unshown(schema.parts, key);
    return knownValues(schema).length > 0 ? [] : [key];
  });
}
