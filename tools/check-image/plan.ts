import { join } from "node:path";
import type { ContainerSettings } from "../../components/core/container";
import type { PresetName } from "../../components/core/presets";
import { describeProblems } from "../../components/core/problems";
import { type ServiceSpec, serviceSpec } from "../../components/core/service-spec";
import { parseSettings, type Settings } from "../../components/settings";
import { fromJson, isRecord } from "../../components/settings/schema";
import { UserError } from "../cli/user-error";
import { asEngineText, type Config, namespaced, projectFolder, readProject, stackConfig } from "../stack/file";
import { configIn } from "../stack/yaml-file";

/** What the stack file, or nothing, says about the container. */
export interface Plan {
  readonly settings: Settings;
  /** Whether the stack file itself has this field of `container`. */
  names(field: keyof ContainerSettings): boolean;
  /** The spec of a replica with some fields of `container` changed. */
  specWith(changes?: Partial<ContainerSettings>): ServiceSpec;
}

/** Without a stack nobody calls and nothing is deployed. */
const withoutStack = { "aws:region": "us-east-1", ingressCidrs: ["127.0.0.1/32"] };

export function planOf(stack: string | undefined, preset: PresetName | undefined): Plan {
  const { name: project } = readProject();
  const config = stack === undefined ? namespacedDefaults(project) : stackConfig(stack);
  const key = `${project}:container`;
  const given = fromJson(config[key]);
  const container = isRecord(given) ? given : {};
  const changed = preset === undefined ? container : { ...container, preset };
  const parsed = parseSettings(asEngineText({ ...config, [key]: changed }), { project, stack: stack ?? "none" });
  if ("problems" in parsed) {
    const of = stack === undefined ? `Preset ${preset}` : `Configuration of stack ${stack}`;
    throw new UserError(describeProblems(of, parsed.problems));
  }
  const { settings } = parsed;
  return {
    settings,
    names: (field) => stack !== undefined && fieldsIn(stack, key, project)[field] !== undefined,
    specWith: (changes = {}) => serviceSpec({ ...settings, container: { ...settings.container, ...changes } }),
  };
}

/** Pulumi.yaml has a default preset, which says nothing about an image that the stack file does not describe. */
function fieldsIn(stack: string, key: string, project: string): Readonly<Record<string, unknown>> {
  const container = namespaced(configIn(join(projectFolder, `Pulumi.${stack}.yaml`)), project)[key];
  const given = fromJson(container);
  return isRecord(given) ? given : {};
}

const namespacedDefaults = (project: string): Config =>
  Object.fromEntries(
    Object.entries(withoutStack).map(([key, value]) => [key.includes(":") ? key : `${project}:${key}`, value]),
  );
