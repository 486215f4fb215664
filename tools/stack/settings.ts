import { describeProblems } from "../../components/core/problems";
import { parseSettings, type Settings } from "../../components/settings";
import { UserError } from "../cli/user-error";
import { asEngineText, type Config, readProject, stackConfig } from "./file";

/** A stack file's settings, checked as the program checks them. */
export function stackSettings(stack: string, overrides: Config = {}): Settings {
  const parsed = parseSettings(asEngineText(stackConfig(stack, overrides)), { project: readProject().name, stack });
  if ("problems" in parsed) throw new UserError(describeProblems(`Configuration of stack ${stack}`, parsed.problems));
  return parsed.settings;
}
