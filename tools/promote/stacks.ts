import type { AwsConnection } from "../../components/aws/connection";
import { stackConnection, stackOutputs, stackState } from "../stack/pulumi";
import { UserError } from "../cli/user-error";

interface State {
  readonly deployment?: { readonly resources?: readonly Resource[] };
}

interface Resource {
  readonly type: string;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

/** A stack's state and outputs, and how its account is reached. */
export interface KnownStack {
  readonly name: string;
  readonly connection: AwsConnection;
  readonly state: State;
  readonly outputs: Readonly<Record<string, unknown>>;
}

export async function knownStack(name: string): Promise<KnownStack> {
  const state = await stackState(name);
  const outputs = await stackOutputs(name);
  return { name, state, outputs, connection: await stackConnection(name) };
}

const resourceOf = ({ deployment }: State, type: string) =>
  deployment?.resources?.find((resource) => resource.type === type && resource.outputs)?.outputs;

/** The image of the stack's last successful update. */
export function runningImage({ name, state, outputs }: KnownStack): string {
  const declared = resourceOf(state, "inference:aws:Registry")?.image;
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
export function repositoryOf({ name, state }: KnownStack): string {
  const url = resourceOf(state, "aws:ecr/repository:Repository")?.repositoryUrl;
  if (typeof url === "string") return url;
  throw new UserError(
    `Stack ${name} has no repository yet. Make it, then promote again:\n  pulumi up --stack ${name} ${onlyRepository}`,
  );
}

/**
 * Targets of an update that creates the repository with its rules only. The components create nothing themselves, but the engine requires
 * the parents of providers.
 */
export const onlyRepository = ["**pulumi:providers:aws::**", "**::inference:aws:*::*", "**aws:ecr/**"]
  .map((urn) => `--target '${urn}'`)
  .join(" ");
