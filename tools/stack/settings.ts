import { describeProblems } from "../../components/core/problems";
import { parseSettings, type Settings } from "../../components/settings";
import type { Rule } from "../../components/settings/rule";
import { UserError } from "../cli/user-error";
import { asEngineText, type Config, readProject, stackConfig } from "./file";

/** A stack file's settings, checked as the program checks them. */
export function stackSettings(
  stack: string,
  overrides: Config = {},
  file?: string,
  further?: readonly Rule[],
): Settings {
  const config = asEngineText(stackConfig(stack, overrides, undefined, file));
  const parsed = parseSettings(config, { project: readProject().name, stack }, further);
  if ("problems" in parsed) throw new UserError(describeProblems(`Configuration of stack ${stack}`, parsed.problems));
  return parsed.settings;
}
