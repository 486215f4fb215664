import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { hoursPerMonth } from "../../components/pricing";
import { parseSettings } from "../../components/settings";
import { keys } from "../../components/settings/keys";
import { compare } from "../compare/comparison";
import { replicaChart } from "../compare/render/charts";
import { costSummary } from "../compare/render/markdown";
import { picture } from "../render/picture";
import { alarmTable } from "./alarm-table";
import { configurationPage } from "./configuration-page";
import { licenceTable } from "./licence-table";
import { presetTable } from "./preset-table";
import { pulumiYaml } from "./pulumi-yaml";
import { withTable } from "./table";

const project = resolve(__dirname, "../..");

export interface GeneratedDocument {
  /** Its path in the project. */
  readonly path: string;
  readonly file: string;
  readonly text: string;
}

/** The documents that the program of today makes, whole or in part. */
export async function generatedDocuments(): Promise<GeneratedDocument[]> {
  const dev = await compare({ stack: "dev", hours: hoursPerMonth });
  const prod = await compare({ stack: "prod", hours: hoursPerMonth });
  return [
    ...settingsDocuments(),
    document("docs/costs.svg", picture(replicaChart(dev))),
    withTables("README.md", { costs: costSummary([dev]) }),
    withTables("docs/costs.md", { costs: costSummary([dev, prod]) }),
    withTables("docs/bring-your-container.md", { presets: presetTable() }),
    withTables("docs/security.md", { licences: licenceTable() }),
    withTables("docs/runbook.md", { alarms: alarmTable(untouchedSettings()) }),
  ];
}

/** What is written from the keys alone. */
export const settingsDocuments = (): GeneratedDocument[] => [
  document("Pulumi.yaml", pulumiYaml(read("Pulumi.yaml"), keys)),
  document("docs/configuration.md", configurationPage()),
];

const withTables = (path: string, tables: Readonly<Record<string, string>>) =>
  document(
    path,
    Object.entries(tables).reduce((written, [name, table]) => withTable(written, name, table, path), read(path)),
  );

const document = (path: string, text: string): GeneratedDocument => ({ path, file: join(project, path), text });

const read = (path: string) => readFileSync(join(project, path), "utf8");

/** A stack that sets only the required keys. */
function untouchedSettings() {
  const config = { "aws:region": "us-east-1", "inference:ingressCidrs": ["0.0.0.0/0"] };
  const parsed = parseSettings(config, { project: "inference", stack: "docs" });
  if ("problems" in parsed) throw new Error(`the defaults are refused: ${JSON.stringify(parsed.problems)}`);
  return parsed.settings;
}
