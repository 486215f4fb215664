import { UserError } from "../cli/user-error";
import { type DeployedStack, outputsIn } from "../stack/deployed";

/** The image of the stack's last successful update. */
export function runningImage({ name, resources, outputs }: DeployedStack): string {
  const declared = outputsIn(resources, "inference:aws:Registry")?.image;
  const { imageDigest } = outputs;
  if (typeof declared !== "string" || typeof imageDigest !== "string") {
    throw new UserError(`Stack ${name} runs no image on AWS. Deploy it: pulumi up --stack ${name}`);
  }
  if (declared.endsWith(`@${imageDigest}`)) return declared;
  throw new UserError(
    `Stack ${name} declares ${declared}, and its last successful update ran ${imageDigest}. ` +
      `Finish the update: pulumi up --stack ${name}`,
  );
}

/** registry/name, without a tag */
export function repositoryOf({ name, resources }: DeployedStack): string {
  const url = outputsIn(resources, "aws:ecr/repository:Repository")?.repositoryUrl;
  if (typeof url === "string") return url;
  throw new UserError(
    `Stack ${name} has no repository yet. Create it, then promote again:\n  pulumi up --stack ${name} ${onlyRepository}`,
  );
}

/**
 * Targets of an update that creates the repository with its rules only. The components create nothing themselves, but the engine requires
 * the parents of providers.
 */
export const onlyRepository = ["**pulumi:providers:aws::**", "**::inference:aws:*::*", "**aws:ecr/**"]
  .map((urn) => `--target '${urn}'`)
  .join(" ");
