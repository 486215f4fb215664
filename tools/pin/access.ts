import { awsConnection } from "../../components/aws/connection";
import { ecrAccess } from "../../components/aws/ecr";
import { type RegistryAccess, registryUrl } from "../../components/aws/registry-client";
import type { ImageReference } from "../../components/core/image-reference";
import type { Config } from "../stack/file";
import { dockerLogin } from "./docker-login";

/** ECR with the AWS sign-in of the stack, or of this shell; any other registry with the docker login of this machine. */
export async function accessTo({ registry, ecr }: ImageReference, config: Config = {}): Promise<RegistryAccess> {
  if (ecr) return ecrAccess(awsConnection(config), ecr);
  const credentials = dockerLogin(registry);
  return { url: registryUrl(registry), ...(credentials && { credentials }) };
}
