import { existsSync } from "node:fs";
import { join } from "node:path";
import { describeProblems } from "../../components/core/problems";
import { type ServiceSpec, serviceSpec } from "../../components/core/service-spec";
import { parseSettings } from "../../components/settings";
import { UserError } from "../cli/user-error";
import { configIn, readYaml } from "../stack/yaml-file";
import { namespaced } from "../stack/file";

/** What a replica of the stack `local` is, read as the program reads it. */
export function localSpec(root: string): ServiceSpec {
  const program = { project: String(readYaml(join(root, "Pulumi.yaml")).name), stack: "local" };
  const file = join(root, "Pulumi.local.yaml");
  const config = existsSync(file) ? configIn(file) : {};
  const parsed = parseSettings(namespaced(config, program.project), program);
  if ("problems" in parsed) throw new UserError(describeProblems("Configuration of stack local", parsed.problems));
  return serviceSpec(parsed.settings);
}
