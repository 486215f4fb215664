import { isDeepStrictEqual } from "node:util";
import { isMap, isNode, Lexer, LineCounter, parse, parseAllDocuments, parseDocument, visit } from "yaml";
import { UserError } from "../cli/user-error";
import { withFields, withoutField } from "../stack/value";

/** A change of a key of the configuration. Without a value it is removed. */
export interface Edit {
  readonly key: string;
  readonly value?: unknown;
}

export interface FilePlace {
  /** Its name, for messages. */
  readonly file: string;
  readonly project: string;
}

/** Refuses a file in which an edit could change or lose more than the edited keys. */
export function refuseUneditable(text: string, { file, project }: FilePlace): void {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines });
  const [document, ...others] = Array.isArray(documents) ? documents : [];
  const refuse = (offset: number | undefined, what: string) => {
    throw new UserError(
      `${file} line ${lines.linePos(offset ?? 0).line}: ${what}, so the file cannot be edited without losing something. Write the values out.`,
    );
  };
  if (document === undefined) throw new UserError(`${file} is empty; expected config: with keys such as cpu: 512`);
  if (others.length > 0) refuse(others[0]?.range?.[0], "a second document begins");
  const config = document.get("config", true);
  if (isMap(config) && config.flow) refuse(config.range?.[0], "config is written in braces");
  const names = Object.keys(configOf(text));
  const twice = names.find((name) => names.includes(`${project}:${name}`));
  if (twice !== undefined)
    throw new UserError(`${file} declares both ${twice} and ${project}:${twice}. Remove one of them.`);
  visit(document, {
    Alias: (_, { source, range }) => refuse(range?.[0], `*${source} repeats another value`),
    Value: (_, { anchor, range }) => {
      if (anchor !== undefined) refuse(range?.[0], `&${anchor} is repeated elsewhere`);
    },
  });
}

/** Behind a key that the file left out. Pulumi's history has the defaults too, so nothing else says what a release that was killed added. */
const mark = " # added by npm run release";

export const withoutMarks = (text: string): string => text.replaceAll(mark, "");

/** Whether an edit added the key. */
export function isAdded(text: string, key: string, place: FilePlace): boolean {
  const end = endOfValue(text, key, place);
  return end !== undefined && text.startsWith(mark, end);
}

function marked(text: string, key: string, place: FilePlace): string {
  const end = endOfValue(text, key, place);
  return end === undefined ? text : text.slice(0, end) + mark + text.slice(end);
}

function endOfValue(text: string, key: string, { project }: FilePlace): number | undefined {
  const document = parseDocument(text);
  const found = [key, `${project}:${key}`].map((name) => document.getIn(["config", name], true)).find(isNode);
  return found?.range?.[1];
}

/** The edited text, checked: the edited keys have their values, and every other key and every comment is still there. */
export function edited(text: string, edits: readonly Edit[], place: FilePlace): string {
  const changes = edits.flatMap((edit) => fieldsOf(edit, valueAt(text, edit.key, place)));
  const removed = changes.filter(({ value }) => value === undefined);
  const kept = removed.reduce((before, { key }) => withoutField(before, { ...place, key }), text);
  const set = changes.flatMap(({ key, value }) => (value === undefined ? [] : [{ key, value }]));
  const added = set.flatMap(({ key }) => (valueAt(text, key, place) === undefined && !key.includes(".") ? [key] : []));
  const after = added.reduce((before, key) => marked(before, key, place), withFields(kept, place, set));
  const isExact =
    hasValues(after, edits, place) &&
    isDeepStrictEqual(without(after, edits, place), without(text, edits, place)) &&
    isDeepStrictEqual(commentsOf(after), commentsOf(text));
  if (isExact) return after;
  const keys = edits.map(({ key }) => key).join(", ");
  throw new UserError(
    `${place.file}: ${keys} cannot be edited without losing something, such as a comment. Write each on lines of its own.`,
  );
}

/** Whether the file has these values already. */
export const hasValues = (text: string, edits: readonly Edit[], place: FilePlace): boolean =>
  edits.every(({ key, value }) => isDeepStrictEqual(valueAt(text, key, place), value));

/** The smallest changes that give the key its value: what is equal keeps its bytes. */
function fieldsOf({ key, value }: Edit, now: unknown): Edit[] {
  if (isDeepStrictEqual(now, value)) return [];
  if (!isObject(now) || !isObject(value)) return [{ key, value }];
  const names = Object.keys({ ...now, ...value });
  return names.flatMap((name) => fieldsOf({ key: `${key}.${name}`, value: value[name] }, now[name]));
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function configOf(text: string): Record<string, unknown> {
  const content: unknown = parse(text);
  return isObject(content) && isObject(content.config) ? { ...content.config } : {};
}

function valueAt(text: string, key: string, { project }: FilePlace): unknown {
  const config = configOf(text);
  return config[key] ?? config[`${project}:${key}`];
}

/** Everything but the edited keys. */
function without(text: string, edits: readonly Edit[], { project }: FilePlace): unknown {
  const config = configOf(text);
  for (const { key } of edits) for (const name of [key, `${project}:${key}`]) delete config[name];
  return { ...(parse(text) as object), config };
}

/** A quoted # is no comment: the lexer returns the quoted text as a whole. */
const commentsOf = (text: string) =>
  [...new Lexer().lex(withoutMarks(text))].filter((token) => token.startsWith("#")).map((comment) => comment.trimEnd());

/** The lines that differ, as a diff prints them. */
export function changedLines(before: string, after: string): string[] {
  const [old, now] = [before.split("\n"), after.split("\n")];
  return [
    ...old.filter((line) => !now.includes(line)).map((line) => `-${line}`),
    ...now.filter((line) => !old.includes(line)).map((line) => `+${line}`),
  ];
}
