import type { ECRClient } from "@aws-sdk/client-ecr";
import type { ImageReference } from "../core/image-reference";
import type { LifecycleRule } from "../core/lifecycle-rules";
import { type AwsConnection, clientConfig, once } from "./connection";
import type { RegistryAccess } from "./registry-client";

/** Reads the tags of a repository. */
export interface TagReader {
  hasTag(repositoryName: string, tag: string): Promise<boolean>;
}

/**
 * Calls ECR directly: the provider's data source fails when the image does not exist, and Pulumi shows that error as one of the stack
 * although the program handles it. Loads the SDK at the first call; a preview makes none.
 */
export function ecrApi(connection: AwsConnection): TagReader {
  const client = once(async () => {
    const { ECRClient } = await import("@aws-sdk/client-ecr");
    return new ECRClient(await clientConfig(connection, "ecr"));
  });
  return {
    hasTag: async (repositoryName, imageTag) => {
      const { DescribeImagesCommand } = await import("@aws-sdk/client-ecr");
      const described = (await client()).send(new DescribeImagesCommand({ repositoryName, imageIds: [{ imageTag }] }));
      return described.then(
        () => true,
        (error: Error) => {
          if (error.name === "ImageNotFoundException") return false;
          throw error;
        },
      );
    },
  };
}

export interface KeptImage {
  readonly tags: readonly string[];
  readonly rules: readonly LifecycleRule[];
}

/** Reads the tags of an image and the lifecycle rules of its repository. */
export async function keptImage(connection: AwsConnection, image: ImageReference): Promise<KeptImage> {
  const { DescribeImagesCommand, ECRClient } = await import("@aws-sdk/client-ecr");
  const { account: registryId, region } = image.ecr ?? {};
  const client = new ECRClient({ ...(await clientConfig(connection, "ecr")), region });
  const named = { registryId, repositoryName: image.repository };
  const imageIds = [{ imageDigest: image.digest }];
  const { imageDetails = [] } = await client.send(new DescribeImagesCommand({ ...named, imageIds }));
  return { tags: imageDetails[0]?.imageTags ?? [], rules: await lifecycleRulesOf(client, named) };
}

async function lifecycleRulesOf(
  client: ECRClient,
  named: { readonly registryId?: string; readonly repositoryName: string },
): Promise<readonly LifecycleRule[]> {
  const { GetLifecyclePolicyCommand } = await import("@aws-sdk/client-ecr");
  try {
    const { lifecyclePolicyText = "{}" } = await client.send(new GetLifecyclePolicyCommand(named));
    return (JSON.parse(lifecyclePolicyText) as { rules?: LifecycleRule[] }).rules ?? [];
  } catch (error) {
    if ((error as Error).name === "LifecyclePolicyNotFoundException") return [];
    throw error;
  }
}

/** Access to the registry of an account in a region, for 12 hours; by default to the one of the connection. */
export async function ecrAccess(
  connection: AwsConnection,
  place?: { readonly account: string; readonly region: string },
): Promise<RegistryAccess> {
  const { ECRClient, GetAuthorizationTokenCommand } = await import("@aws-sdk/client-ecr");
  const client = new ECRClient({ ...(await clientConfig(connection, "ecr")), ...(place && { region: place.region }) });
  const asked = new GetAuthorizationTokenCommand(place ? { registryIds: [place.account] } : {});
  const { authorizationData = [] } = await client.send(asked);
  const [{ authorizationToken = "", proxyEndpoint = "" } = {}] = authorizationData;
  return { url: proxyEndpoint, authorization: `Basic ${authorizationToken}` };
}
