import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { isMap, isPair, isScalar, parseDocument, stringify, type YAMLMap } from "yaml";
import { UserError } from "../cli/user-error";

/** Sets one key of a stack file's configuration. Every other byte of the file stays as it is. */
export function writeStackValue(path: string, project: string, key: string, value: string): void {
  const text = readFileSync(path, "utf8");
  writeFileSync(path, withValue(text, { file: basename(path), project, key, value }));
}

interface Change {
  readonly file: string;
  readonly project: string;
  readonly key: string;
  readonly value: string;
}

export function withValue(text: string, { file, project, key, value }: Change): string {
  const config = parseDocument(text).get("config");
  if (!isMap(config))
    throw new UserError(`${file} has no keys under config; expected config: with keys such as cpu: 512`);
  // The CLI writes the project's name before each key once it has saved the file.
  const found = pairs(config).find(({ name }) => name === key || name === `${project}:${key}`);
  const written = stringify(value, { lineWidth: 0 }).trimEnd();
  if (found) {
    if (!found.range) throw new UserError(`${file}: ${found.name} is not a text`);
    const [start, end] = found.range;
    return text.slice(0, start) + written + text.slice(end);
  }
  const isNamespaced = pairs(config).some(({ name }) => name.startsWith(`${project}:`));
  return insertFirst(text, config, `${isNamespaced ? `${project}:` : ""}${key}: ${written}`);
}

/** Inserts the line before the first key and its comment. */
function insertFirst(text: string, config: YAMLMap, line: string): string {
  const start = config.range?.[0] ?? 0;
  const indent = text.slice(text.lastIndexOf("\n", start - 1) + 1, start);
  const place = text.search(/^config:.*$/m);
  const next = text.indexOf("\n", place) + 1;
  return `${text.slice(0, next)}${indent}${line}\n${text.slice(next)}`;
}

function pairs(map: YAMLMap): { name: string; range?: readonly [number, number] }[] {
  return map.items.filter(isPair).map(({ key, value }) => {
    const name = isScalar(key) ? String(key.value) : "";
    return { name, ...(isScalar(value) && value.range && { range: [value.range[0], value.range[1]] as const }) };
  });
}
