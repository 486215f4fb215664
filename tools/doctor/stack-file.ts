import { reasonOf } from "../../components/core/reason";
import type { Settings } from "../../components/settings";
import { settingsOf } from "../../components/settings";
import { plainValues } from "../stack/deployed";
import { asEngineText, type Config, holdsEncrypted, readProject, stackConfig } from "../stack/file";
import { askPulumi } from "../stack/pulumi-cli";
import { type Diagnosis, notChecked, ok, problem } from "./check";

/** A stack file as the program reads it. Without settings, the diagnosis has the reason. */
export interface StackFile {
  readonly diagnosis: Diagnosis;
  readonly stack: string;
  readonly config: Readonly<Record<string, string>>;
  readonly settings?: Settings;
}

export async function readStackFile(stack: string, ask: typeof askPulumi = askPulumi): Promise<StackFile> {
  const failed = (diagnosis: Diagnosis): StackFile => ({ diagnosis, stack, config: {} });
  let inFile: Config;
  try {
    inFile = stackConfig(stack);
  } catch (error) {
    return failed(problem(reasonOf(error), `pulumi stack init ${stack}`));
  }
  const encrypted = Object.keys(inFile).filter((key) => holdsEncrypted(inFile[key]));
  try {
    const config = asEngineText({ ...inFile, ...(encrypted.length > 0 && (await decrypted(stack, ask))) });
    return { stack, config, ...parsed(stack, config, encrypted) };
  } catch (error) {
    return failed(notChecked(`${fileOf(stack)} has encrypted values. ${reasonOf(error)}`));
  }
}

const fileOf = (stack: string) => `Pulumi.${stack}.yaml`;

/** Secret keys are read as plain text and stay in this process. */
const decrypted = async (stack: string, ask: typeof askPulumi) =>
  plainValues(await ask(["config", "--json", "--show-secrets", "--stack", stack]));

/** By the check of `pulumi up`, with its message. */
function parsed(stack: string, config: StackFile["config"], encrypted: readonly string[]) {
  try {
    const settings = settingsOf(config, { project: readProject().name, stack }, encrypted);
    return { settings, diagnosis: ok(`${fileOf(stack)}, target ${settings.target}.`) };
  } catch (error) {
    return { diagnosis: problem(reasonOf(error)) };
  }
}

/** The one that Pulumi has selected, otherwise dev. */
export async function chosenStack(named: string | undefined, run: (args: readonly string[]) => Promise<string>) {
  if (named !== undefined) return named;
  return run(["stack", "--show-name", "--non-interactive"]).then(
    (printed) => printed.trim(),
    () => "dev",
  );
}
