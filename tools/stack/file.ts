import * as path from "node:path";
import { configIn, readYaml } from "./yaml-file";

export type Config = Readonly<Record<string, unknown>>;

interface ProjectFile {
  readonly name: string;
  readonly config?: Readonly<Record<string, { readonly default?: unknown }>>;
}

export const projectFolder = path.resolve(__dirname, "../..");

const inProject = (file: string) => path.join(projectFolder, file);

export const readProject = () => readYaml(inProject("Pulumi.yaml")) as unknown as ProjectFile;

/** A stack's configuration as the CLI hands it to the program: Pulumi.yaml's defaults, the stack file's values, then the overrides. */
export function stackConfig(stack: string, overrides: Config = {}, name = readProject().name): Config {
  const { config = {} } = readProject();
  const defaults = Object.entries(config).flatMap(([key, { default: value }]) =>
    value === undefined ? [] : [[key, value] as const],
  );
  return {
    ...namespaced(Object.fromEntries(defaults), name),
    ...namespaced(configIn(inProject(`Pulumi.${stack}.yaml`)), name),
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
