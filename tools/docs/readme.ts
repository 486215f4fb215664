import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { hoursPerMonth } from "../../components/pricing";
import { parseSettings } from "../../components/settings";
import { compare } from "../compare/comparison";
import { opening } from "../compare/render/markdown";
import { alarmTable } from "./alarm-table";
import { configTable, type DeclaredKey } from "./config-table";
import { withTable } from "./table";

const project = resolve(__dirname, "../..");
export const readmeFile = join(project, "README.md");

/** README.md as it has to be: its tables say what Pulumi.yaml declares, what the program watches and what compare works out. */
export async function readmeWithTables(): Promise<string> {
  const { config }: { config: Record<string, DeclaredKey> } = parse(readFileSync(join(project, "Pulumi.yaml"), "utf8"));
  const dev = await compare({ stack: "dev", hours: hoursPerMonth });
  const prod = await compare({ stack: "prod", hours: hoursPerMonth });
  const tables = {
    costs: opening([dev, prod]),
    config: configTable(config),
    alarms: alarmTable(untouchedSettings()),
  };
  return Object.entries(tables).reduce(
    (document, [name, table]) => withTable(document, name, table),
    readFileSync(readmeFile, "utf8"),
  );
}

/** Of a stack that sets no more than it has to. */
function untouchedSettings() {
  const config = { "aws:region": "us-east-1", "inference:ingressCidrs": ["0.0.0.0/0"] };
  const parsed = parseSettings(config, { project: "inference", stack: "docs" });
  if ("problems" in parsed) throw new Error(`the defaults are refused: ${JSON.stringify(parsed.problems)}`);
  return parsed.settings;
}
