import { existsSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { UserError } from "../cli/user-error";
import { configIn, readYaml } from "./yaml-file";

export type Config = Readonly<Record<string, unknown>>;

export interface ProjectFile {
  readonly name: string;
  readonly requiredPulumiVersion?: string;
  readonly config?: Readonly<Record<string, { readonly default?: unknown }>>;
}

export const projectFolder = resolve(__dirname, "../..");

const inProject = (file: string) => join(projectFolder, file);
const stackFile = (stack: string) => inProject(`Pulumi.${stack}.yaml`);

export const readProject = () => readYaml(inProject("Pulumi.yaml")) as unknown as ProjectFile;

export function refuseUnknownStack(stack: string): void {
  if (!existsSync(stackFile(stack))) throw new UserError(`--stack is ${stack}: there is no Pulumi.${stack}.yaml`);
}

/**
 * A stack's configuration as the Pulumi CLI passes it to the program: the defaults of Pulumi.yaml, the values of the stack file, then the
 * overrides. Another `file` takes the place of the stack's own.
 */
export function stackConfig(
  stack: string,
  overrides: Config = {},
  project?: string,
  file: string = stackFile(stack),
): Config {
  const { name, config = {} } = readProject();
  const defaults = Object.entries(config).flatMap(([key, { default: value }]) =>
    value === undefined ? [] : [[key, value] as const],
  );
  if (!existsSync(file)) throw new UserError(`There is no ${relative(projectFolder, file)} in ${projectFolder}`);
  const layers = [Object.fromEntries(defaults), configIn(file), overrides];
  return Object.assign({}, ...layers.map((layer) => namespaced(layer, project ?? name)));
}

/** The CLI puts a key without a namespace into the project's. */
export function namespaced(config: Config, project: string): Config {
  const keys = Object.entries(config).map(([key, value]) => [key.includes(":") ? key : `${project}:${key}`, value]);
  return Object.fromEntries(keys);
}

/** The engine passes configuration as text: objects and lists as JSON. */
export function asEngineText(config: Config): Record<string, string> {
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}

/** The CLI writes an encrypted value as {secure: ...}, also inside objects. */
export function holdsEncrypted(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return "secure" in value || Object.values(value).some(holdsEncrypted);
}
