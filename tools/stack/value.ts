import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { isMap, isNode, isPair, isScalar, isSeq, parseDocument, type Scalar, stringify, type YAMLMap } from "yaml";
import { UserError } from "../cli/user-error";

/** Sets one key of a stack file's configuration, or one inside an object: `variants.blue.image`. Every other byte of the file stays as it is. */
export function writeStackValue(path: string, project: string, key: string, value: string): void {
  const text = readFileSync(path, "utf8");
  writeFileSync(path, withValue(text, { file: basename(path), project, key, value }));
}

/** Like writeStackValue, for keys that the file may not have yet, also fields of objects: `container.port`. */
export function writeStackFields(path: string, project: string, fields: readonly Field[]): void {
  const text = readFileSync(path, "utf8");
  writeFileSync(path, withFields(text, { file: basename(path), project }, fields));
}

/** In the order of `fields`, those of one object together. A new key becomes the first, so the last one is written first. */
export function withFields(text: string, place: Pick<Change, "file" | "project">, fields: readonly Field[]): string {
  const topOf = ({ key }: Field) => key.split(".")[0];
  const tops = [...new Set(fields.map(topOf))];
  const ordered = tops.flatMap((top) => fields.filter((field) => topOf(field) === top));
  return ordered.reduceRight((before, field) => withField(before, { ...place, ...field }), text);
}

export function withField(text: string, change: Change): string {
  const [top = "", ...inner] = change.key.split(".");
  const config = parseDocument(text).get("config");
  const exists = isMap(config) && pairs(config).some(({ name }) => name === top || name === `${change.project}:${top}`);
  if (inner.length === 0 || exists || !isMap(config)) return withValue(text, change);
  return insertFirst(text, config, change.project, [`${top}:`, `  ${inner.join(".")}: ${yaml(change.value)}`]);
}

export interface Field {
  readonly key: string;
  readonly value: unknown;
}

interface Change extends Field {
  readonly file: string;
  readonly project: string;
}

export function withValue(text: string, { file, project, key, value }: Change): string {
  const config = parseDocument(text).get("config");
  if (!isMap(config))
    throw new UserError(`${file} has no keys under config; expected config: with keys such as cpu: 512`);
  const [top = "", ...inner] = key.split(".");
  // The CLI writes the project's name before each key once it has saved the file.
  const found = pairs(config).find(({ name }) => name === top || name === `${project}:${top}`);
  if (inner.length > 0) return withInnerValue(text, found?.value, { file, key, inner, value });
  if (found) return replaced(text, found, { file, value });
  return insertFirst(text, config, project, [`${top}: ${yaml(value)}`]);
}

const yaml = (value: unknown, quotes?: Scalar.Type) =>
  stringify(value, { lineWidth: 0, collectionStyle: "flow", ...(quotes && { defaultStringType: quotes }) }).trimEnd();

/** A text keeps its quotes: a later edit back to it has every byte. */
function quotesOf(old: unknown): Scalar.Type | undefined {
  const type = isScalar(old) ? old.type : undefined;
  return type === "QUOTE_DOUBLE" || type === "QUOTE_SINGLE" ? type : undefined;
}

function replaced(text: string, { name, value: old }: Pair, { file, value }: { file: string; value: unknown }): string {
  if (!(isScalar(old) || isSeq(old)) || !old.range) throw new UserError(`${file}: ${name} is not a text`);
  const [start, end] = old.range;
  // The range of a list in lines reaches to the start of the next key.
  const kept = /\s*$/.exec(text.slice(start, end))?.[0] ?? "";
  return text.slice(0, start) + yaml(value, quotesOf(old)) + kept + text.slice(end);
}

interface InnerChange {
  readonly file: string;
  readonly key: string;
  /** The parts of the key below the first. */
  readonly inner: readonly string[];
  readonly value: unknown;
}

function withInnerValue(text: string, top: unknown, { file, key, inner, value }: InnerChange): string {
  const [last = "", ...names] = [...inner].reverse();
  const map = names.reverse().reduce<unknown>((outer, name) => (isMap(outer) ? outer.get(name) : undefined), top);
  if (!isMap(map) || !map.range) throw new UserError(`${file} has no ${key.slice(0, -last.length - 1)}`);
  const found = pairs(map).find(({ name }) => name === last);
  if (found) return replaced(text, found, { file, value });
  const [start] = map.range;
  const line = `${last}: ${yaml(value)}`;
  // {a: 1} or {}
  if (map.flow)
    return `${text.slice(0, start + 1)}${map.items.length > 0 ? `${line}, ` : line}${text.slice(start + 1)}`;
  const indent = text.slice(text.lastIndexOf("\n", start - 1) + 1, start);
  return `${text.slice(0, start)}${line}${newlineOf(text)}${indent}${text.slice(start)}`;
}

/** An editor on Windows ends lines with two characters. */
const newlineOf = (text: string) => (text.includes("\r\n") ? "\r\n" : "\n");

/** Inserts a key before the first one and its comment. */
function insertFirst(text: string, config: YAMLMap, project: string, [head = "", ...below]: readonly string[]): string {
  const start = config.range?.[0] ?? 0;
  const indent = text.slice(text.lastIndexOf("\n", start - 1) + 1, start);
  const root = parseDocument(text).contents;
  const place = isMap(root) ? pairs(root).find(({ name }) => name === "config")?.start : undefined;
  const next = text.indexOf("\n", place) + 1;
  const isNamespaced = pairs(config).some(({ name }) => name.startsWith(`${project}:`));
  const lines = [`${isNamespaced ? `${project}:` : ""}${head}`, ...below].map(
    (line) => `${indent}${line}${newlineOf(text)}`,
  );
  return `${text.slice(0, next)}${lines.join("")}${text.slice(next)}`;
}

/** Removes a key of the configuration, or one inside an object, with its line. A text without it stays as it is. */
export function withoutField(text: string, { project, key }: Pick<Change, "project" | "key">): string {
  const parents = key.split(".").slice(0, -1);
  const map = parents.reduce<unknown>(
    (found, name) => child(found, name, project)?.value,
    parseDocument(text).get("config"),
  );
  const found = child(map, key.split(".").at(-1) ?? "", project);
  if (!found || !isMap(map)) return text;
  const [start, end] = [found.start, endOf(found.value)];
  if (!map.flow) return text.slice(0, text.lastIndexOf("\n", start - 1) + 1) + text.slice(nextLine(text, end));
  const after = /^\s*, ?/.exec(text.slice(end))?.[0].length;
  if (after !== undefined) return text.slice(0, start) + text.slice(end + after);
  return text.slice(0, start).replace(/,\s*$/, "") + text.slice(end);
}

const child = (map: unknown, name: string, project: string): Pair | undefined =>
  isMap(map) ? pairs(map).find((pair) => pair.name === name || pair.name === `${project}:${name}`) : undefined;

const endOf = (value: unknown) => (isNode(value) ? (value.range?.[1] ?? 0) : 0);

/** A block in lines already ends at the start of a line. */
function nextLine(text: string, end: number): number {
  if (text[end - 1] === "\n") return end;
  const newline = text.indexOf("\n", end);
  return newline < 0 ? text.length : newline + 1;
}

interface Pair {
  readonly name: string;
  readonly value: unknown;
  readonly start: number;
}

function pairs(map: YAMLMap): Pair[] {
  return map.items.filter(isPair).map(({ key, value }) => ({
    name: isScalar(key) ? String(key.value) : "",
    value,
    start: isScalar(key) ? (key.range?.[0] ?? 0) : 0,
  }));
}
