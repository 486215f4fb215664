import { stringify } from "yaml";
import { table } from "./table";

export interface DeclaredKey {
  readonly type: string;
  readonly default?: unknown;
  readonly description: string;
}

const code = (value: unknown) =>
  `\`${stringify(value, { collectionStyle: "flow", lineWidth: 0 }).trim().replaceAll("\n", " ")}\``;

/** One row for each key that Pulumi.yaml declares, in its order. */
export function configTable(config: Readonly<Record<string, DeclaredKey>>): string {
  const rows = Object.entries(config).map(([name, { type, default: fallback, description }]) => [
    `\`${name}\``,
    type,
    fallback === undefined ? "required" : code(fallback),
    description,
  ]);
  return table(["Key", "Type", "Default", "Effect"], rows);
}
