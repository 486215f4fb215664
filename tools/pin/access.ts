import { awsConnection } from "../../components/aws/connection";
import { ecrAccess } from "../../components/aws/ecr";
import { type RegistryAccess, registryUrl } from "../../components/aws/registry-client";
import type { ImageReference } from "../../components/core/image-reference";
import { parseSignIn, type RegistrySignIn, signInFormat } from "../../components/core/registry-sign-in";
import { keys } from "../../components/settings/keys";
import { UserError } from "../cli/user-error";
import { type Config, readProject } from "../stack/file";
import { secretValue } from "./aws-secret";
import { dockerLogin } from "./docker-login";

/** ECR with the AWS sign-in of the stack, or of this shell; any other registry with docker login. */
export async function accessTo({ registry, ecr }: ImageReference, config: Config = {}): Promise<RegistryAccess> {
  if (ecr) return ecrAccess(awsConnection(config), ecr);
  const credentials = dockerLogin(registry);
  return { url: registryUrl(registry), ...(credentials && { credentials }) };
}

/** The same, but with the sign-in that the replicas of the stack use. Base images may be in any registry, and it is not for all. */
export async function accessAsReplica(image: ImageReference, config: Config): Promise<RegistryAccess> {
  const credentials = image.ecr ? undefined : await stackSignIn(config);
  return credentials ? { url: registryUrl(image.registry), credentials } : accessTo(image, config);
}

async function stackSignIn(config: Config): Promise<RegistrySignIn | undefined> {
  const given = config[`${readProject().name}:imageCredentials`] ?? "none";
  const arn = keys.imageCredentials.schema.read(given, "imageCredentials", []);
  if (arn === "none") return undefined;
  const signIn = arn && parseSignIn(await secretValue(arn, awsConnection(config)));
  if (!signIn) throw new UserError(`imageCredentials is ${given}; expected ${signInFormat}`);
  return signIn;
}
