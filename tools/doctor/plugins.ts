import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { eks } from "../../components/eks-service/target";
import type { Settings } from "../../components/settings";
import { askPulumi } from "../stack/pulumi-cli";
import { type Diagnosis, ok, warning } from "./check";

interface Plugin {
  readonly name: string;
  readonly version?: string;
}

/** Those that the stack uses and the CLI does not have yet. */
export async function missingPlugins(
  settings: Settings | undefined,
  ask: typeof askPulumi = askPulumi,
): Promise<readonly Plugin[]> {
  const installed = await ask<readonly Plugin[]>(["plugin", "ls", "--json"]);
  const has = ({ name, version }: Plugin) =>
    isOnPath(name) || installed.some((one) => one.name === name && one.version === version);
  return pluginsOf(settings).filter((plugin) => !has(plugin));
}

/** `pulumi up` downloads them, which takes a minute. The checks of the account need the one of AWS. */
export const pluginDiagnosis = (missing: readonly Plugin[]): Diagnosis =>
  missing.length === 0
    ? ok("The plugins of the stack are there.")
    : warning(`pulumi up will download: ${missing.map(titleOf).join(", ")}. To do it now:`, "pulumi install");

const titleOf = ({ name, version }: Plugin) => `${name} ${version}`;

function pluginsOf(settings: Settings | undefined): Plugin[] {
  const onThisMachine = settings?.place === "this machine";
  const onEks = settings?.model.variants.some(({ target }) => target === eks.name);
  const names = onThisMachine ? ["docker"] : ["aws", "awsx", "docker-build", ...(onEks ? ["eks", "kubernetes"] : [])];
  return names.map((name) => {
    const { version }: { version: string } = require(`@pulumi/${name}/package.json`);
    return { name, version };
  });
}

/** The engine prefers such a plugin. */
const isOnPath = (name: string) =>
  (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, `pulumi-resource-${name}`)));
