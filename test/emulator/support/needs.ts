import { existsSync } from "node:fs";
import { join } from "node:path";
import { findCli } from "../../engine/support/cli";
import { emulatorIsMissing } from "./emulator";

export interface TierNeeds {
  readonly environment: NodeJS.ProcessEnv;
  /** Folder of the real AWS provider. */
  readonly provider: string;
}

/** What a tier on the emulator needs, or the reason why it cannot run. `missingKubernetes` is the reason of its own API server. */
export function tierNeeds(missingKubernetes: string | undefined): TierNeeds | { readonly missing: string } {
  const cli = findCli();
  if (!cli.found) return { missing: cli.reason };
  const provider = cli.environment.PULUMI_AWS_PLUGIN_DIR ?? "";
  if (!existsSync(join(provider, "pulumi-resource-aws"))) {
    return { missing: "no AWS provider: PULUMI_AWS_PLUGIN_DIR names no folder with pulumi-resource-aws" };
  }
  const missing = emulatorIsMissing() ?? missingKubernetes;
  return missing === undefined ? { environment: cli.environment, provider } : { missing };
}
