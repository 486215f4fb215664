import { stringify } from "yaml";

export interface DeclaredKey {
  readonly type: string;
  readonly default?: unknown;
  readonly description: string;
}

const start = "<!-- config: written by npm run docs -->";
const end = "<!-- /config -->";

const cell = (text: string) => text.replaceAll("|", "\\|");
const code = (value: unknown) =>
  `\`${stringify(value, { collectionStyle: "flow", lineWidth: 0 }).trim().replaceAll("\n", " ")}\``;

/** One row for each key that Pulumi.yaml declares, in its order. */
export function configTable(config: Readonly<Record<string, DeclaredKey>>): string {
  const rows = Object.entries(config).map(([name, { type, default: fallback, description }]) =>
    [`\`${name.split(":").pop()}\``, type, fallback === undefined ? "required" : code(fallback), description].map(cell),
  );
  return [["Key", "Type", "Default", "Effect"], ["---", "---", "---", "---"], ...rows]
    .map((row) => `| ${row.join(" | ")} |`)
    .join("\n");
}

/** The document with the table between its markers, whatever was there before. */
export function withTable(document: string, table: string): string {
  const [from, to] = [document.indexOf(start), document.indexOf(end)];
  if (from < 0 || to < from)
    throw new Error(`README.md has no place for the table; expected the lines\n${start}\n${end}`);
  return `${document.slice(0, from + start.length)}\n${table}\n${document.slice(to)}`;
}
