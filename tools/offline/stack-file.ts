import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";

export type Config = Readonly<Record<string, unknown>>;

interface ProjectFile {
  readonly name: string;
  readonly config?: Readonly<Record<string, { readonly default?: unknown }>>;
}

interface StackFile {
  readonly config?: Config;
}

export const projectFolder = path.resolve(__dirname, "../..");

const readYaml = (file: string): unknown => parse(fs.readFileSync(path.join(projectFolder, file), "utf8")) ?? {};

export const readProject = () => readYaml("Pulumi.yaml") as ProjectFile;

/** A stack's configuration as the CLI hands it to the program: Pulumi.yaml's defaults, the stack file's values, then the overrides. */
export function stackConfig(stack: string, overrides: Config = {}): Config {
  const { name, config = {} } = readProject();
  const defaults = Object.entries(config).flatMap(([key, { default: value }]) =>
    value === undefined ? [] : [[key, value] as const],
  );
  const file = readYaml(`Pulumi.${stack}.yaml`) as StackFile;
  return {
    ...namespaced(Object.fromEntries(defaults), name),
    ...namespaced(file.config ?? {}, name),
    ...namespaced(overrides, name),
  };
}

/** The CLI puts a key without a namespace into the project's. */
export function namespaced(config: Config, project: string): Config {
  const keys = Object.entries(config).map(([key, value]) => [key.includes(":") ? key : `${project}:${key}`, value]);
  return Object.fromEntries(keys);
}

/** The engine hands over text: objects and lists as JSON. */
export function asEngineText(config: Config): Record<string, string> {
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}
