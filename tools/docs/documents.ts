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

export interface GeneratedDocument {
  /** Its path in the project. */
  readonly path: string;
  readonly file: string;
  readonly text: string;
}

/** The documents with generated tables, as the program of today makes them. */
export async function generatedDocuments(): Promise<GeneratedDocument[]> {
  const { config }: { config: Record<string, DeclaredKey> } = parse(readFileSync(join(project, "Pulumi.yaml"), "utf8"));
  const dev = await compare({ stack: "dev", hours: hoursPerMonth });
  const prod = await compare({ stack: "prod", hours: hoursPerMonth });
  return [
    document("README.md", { costs: opening([dev, prod]), config: configTable(config) }),
    document("docs/runbook.md", { alarms: alarmTable(untouchedSettings()) }),
  ];
}

function document(path: string, tables: Readonly<Record<string, string>>): GeneratedDocument {
  const file = join(project, path);
  const text = Object.entries(tables).reduce(
    (written, [name, table]) => withTable(written, name, table, path),
    readFileSync(file, "utf8"),
  );
  return { path, file, text };
}

/** A stack that sets only the required keys. */
function untouchedSettings() {
  const config = { "aws:region": "us-east-1", "inference:ingressCidrs": ["0.0.0.0/0"] };
  const parsed = parseSettings(config, { project: "inference", stack: "docs" });
  if ("problems" in parsed) throw new Error(`the defaults are refused: ${JSON.stringify(parsed.problems)}`);
  return parsed.settings;
}
