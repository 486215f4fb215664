import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { hoursPerMonth } from "../../components/prices";
import { compare } from "../compare/comparison";
import { opening } from "../compare/render/markdown";
import { configTable, type DeclaredKey } from "./config-table";
import { withTable } from "./table";

const project = resolve(__dirname, "../..");
export const readmeFile = join(project, "README.md");

/** README.md as it has to be: its tables say what Pulumi.yaml declares and what compare works out. */
export async function readmeWithTables(): Promise<string> {
  const { config }: { config: Record<string, DeclaredKey> } = parse(readFileSync(join(project, "Pulumi.yaml"), "utf8"));
  const dev = await compare({ stack: "dev", hours: hoursPerMonth });
  const prod = await compare({ stack: "prod", hours: hoursPerMonth });
  const withCosts = withTable(readFileSync(readmeFile, "utf8"), "costs", opening([dev, prod]));
  return withTable(withCosts, "config", configTable(config));
}
