import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { configTable, type DeclaredKey, withTable } from "./config-table";

const project = resolve(__dirname, "../..");
export const readmeFile = join(project, "README.md");

/** README.md as it has to be: its table says what Pulumi.yaml declares. */
export function readmeWithConfig(): string {
  const { config }: { config: Record<string, DeclaredKey> } = parse(readFileSync(join(project, "Pulumi.yaml"), "utf8"));
  return withTable(readFileSync(readmeFile, "utf8"), configTable(config));
}
