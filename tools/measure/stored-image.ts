import { clientConfig } from "../../components/aws/connection";
import { type ImageReference, parseImage } from "../../components/core/image-reference";
import { reasonOf } from "../../components/core/reason";
import { type DeployedStack, outputsIn } from "../stack/deployed";

type Deployed = Pick<DeployedStack, "connection" | "resources">;

/** The compressed size of a stack's image in ECR. Undefined for another registry, and if it cannot be read. */
export async function storedBytes(deployed: Deployed, image: string, digest: string): Promise<number | undefined> {
  const own = outputsIn(deployed.resources, "aws:ecr/repository:Repository")?.repositoryUrl;
  const reference = parseImage(image.includes("@") ? image : `${own}@${digest}`);
  if (reference.ecr === undefined) return undefined;
  return sizeOf(deployed, reference).catch((error: unknown) => {
    console.error(`Could not read the size of the image: ${reasonOf(error)}`);
    return undefined;
  });
}

/** Needs ecr:DescribeImages. */
async function sizeOf({ connection }: Deployed, { ecr, repository, digest }: ImageReference) {
  const { DescribeImagesCommand, ECRClient } = await import("@aws-sdk/client-ecr");
  const client = new ECRClient({ ...(await clientConfig(connection, "ecr")), region: ecr?.region });
  const named = { registryId: ecr?.account, repositoryName: repository, imageIds: [{ imageDigest: digest }] };
  const { imageDetails = [] } = await client.send(new DescribeImagesCommand(named));
  return imageDetails[0]?.imageSizeInBytes;
}
