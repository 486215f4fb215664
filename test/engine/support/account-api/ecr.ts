import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Account } from "../../../fakes/account";
import { stringsIn } from "../../../fakes/values";

const registryFile = (account: Account) => join(account.folder, "registry-url");

/** The authorization token that ECR returns. */
export const registryToken = Buffer.from("AWS:fake").toString("base64");

/** Sets the registry that serves the account's repositories. */
export function setRegistry(account: Account, url: string): void {
  writeFileSync(registryFile(account), url);
}

const scanFile = (account: Account) => join(account.folder, "image-scans.json");

/** A scan that found nothing. */
const clean = { imageScanStatus: { status: "COMPLETE" }, imageScanFindings: { findings: [] } };

/** Sets the next answers about scans. The last one stays. */
export function setScans(account: Account, ...answers: readonly object[]): void {
  writeFileSync(scanFile(account), JSON.stringify(answers));
}

function nextScan(account: Account): unknown {
  const file = scanFile(account);
  if (!existsSync(file)) return clean;
  const [next, ...others] = JSON.parse(readFileSync(file, "utf8")) as object[];
  if (others.length > 0) writeFileSync(file, JSON.stringify(others));
  return next;
}

interface ImageId {
  readonly imageTag?: string;
  readonly imageDigest?: string;
}

/** Every image that was built exists: the program keeps old ones. */
export function answerEcr(account: Account, action: string, body: string): unknown {
  if (action === "GetAuthorizationToken") {
    const proxyEndpoint = readFileSync(registryFile(account), "utf8");
    return { authorizationData: [{ authorizationToken: registryToken, proxyEndpoint }] };
  }
  if (action === "GetLifecyclePolicy") return { __type: "LifecyclePolicyNotFoundException" };
  if (action === "BatchGetImage") return { images: [{ imageManifest: "{}" }] };
  if (action === "DescribeImageScanFindings") return nextScan(account);
  if (action !== "DescribeImages") return { __type: "UnknownOperationException" };
  const { repositoryName, imageIds } = JSON.parse(body) as { repositoryName: string; imageIds: ImageId[] };
  // Every pinned digest exists in the fake account.
  if (imageIds.every(({ imageDigest }) => imageDigest !== undefined)) return { imageDetails: imageIds };
  const tags = account.of("docker-build:index:Image").flatMap(({ inputs }) => stringsIn(inputs.tags));
  const found = imageIds.filter(({ imageTag }) => tags.some((tag) => tag.endsWith(`/${repositoryName}:${imageTag}`)));
  return found.length > 0 ? { imageDetails: found } : { __type: "ImageNotFoundException" };
}
