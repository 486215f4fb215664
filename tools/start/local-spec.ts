import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parse } from "yaml";
import { describeProblems } from "../../components/problems";
import { type ServiceSpec, serviceSpec } from "../../components/service-spec";
import { parseSettings } from "../../components/settings";
import { UserError } from "../cli/user-error";
import { namespaced } from "../offline/stack-file";

/** What a replica of the stack `local` is, read as the program reads it. */
export function localSpec(root: string): ServiceSpec {
  const program = { project: String(readYaml(join(root, "Pulumi.yaml")).name), stack: "local" };
  const { config = {} } = readYaml(join(root, "Pulumi.local.yaml"));
  if (config === null || typeof config !== "object" || Array.isArray(config)) {
    throw new UserError(`Pulumi.local.yaml: config is ${JSON.stringify(config)}; expected keys such as target`);
  }
  const parsed = parseSettings(namespaced(config as Record<string, unknown>, program.project), program);
  if ("problems" in parsed) throw new UserError(describeProblems("Configuration of stack local", parsed.problems));
  return serviceSpec(parsed.settings);
}

function readYaml(path: string): Record<string, unknown> {
  if (!existsSync(path)) return {};
  try {
    return parse(readFileSync(path, "utf8")) ?? {};
  } catch (error) {
    const [sentence] = (error as Error).message.split("\n");
    throw new UserError(`${basename(path)} cannot be read as YAML: ${sentence?.replace(/:$/, "")}`);
  }
}
