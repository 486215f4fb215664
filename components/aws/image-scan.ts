import type { DescribeImageScanFindingsCommandOutput, ECRClient } from "@aws-sdk/client-ecr";
import type { ImageReference } from "../core/image-reference";
import type { Finding, ScanResult } from "../core/image-scan";
import { deploymentError } from "../core/problems";
import { reasonOf } from "../core/reason";
import { type AwsConnection, clientConfig } from "./connection";
import { awsReason, signInFault } from "./fault";

/** Reads the scan of an image in ECR. */
export interface ScanReader {
  scanOf(image: ImageReference, architecture: string): Promise<ScanResult>;
}

/** Basic and enhanced scanning answer alike: https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html */
export function imageScanApi(connection: AwsConnection): ScanReader {
  return {
    async scanOf(image, architecture) {
      if (image.ecr === undefined) return { state: "unavailable", reason: "the image is not in ECR" };
      const { account: registryId, region } = image.ecr;
      try {
        const { ECRClient } = await import("@aws-sdk/client-ecr");
        const client = new ECRClient({ ...(await clientConfig(connection, "ecr")), region });
        const named = { registryId, repositoryName: image.repository };
        return await scan(client, named, await scannedDigest(client, named, image.digest, architecture));
      } catch (error) {
        return failed(error);
      }
    },
  };
}

interface Repository {
  readonly registryId: string;
  readonly repositoryName: string;
}

interface Manifest {
  readonly manifests?: readonly { digest: string; platform?: { os?: string; architecture?: string } }[];
}

/** ECR scans no index (https://github.com/moby/buildkit/issues/3499), but the images in it. */
async function scannedDigest(client: ECRClient, named: Repository, imageDigest: string, architecture: string) {
  const { BatchGetImageCommand } = await import("@aws-sdk/client-ecr");
  const { images = [] } = await client.send(new BatchGetImageCommand({ ...named, imageIds: [{ imageDigest }] }));
  const { manifests = [] } = JSON.parse(images[0]?.imageManifest ?? "{}") as Manifest;
  const own = manifests.find(({ platform }) => platform?.os === "linux" && platform.architecture === architecture);
  return own?.digest ?? imageDigest;
}

async function scan(client: ECRClient, named: Repository, imageDigest: string): Promise<ScanResult> {
  const { paginateDescribeImageScanFindings } = await import("@aws-sdk/client-ecr");
  const findings: Finding[] = [];
  const request = { ...named, imageId: { imageDigest }, maxResults: 1000 };
  for await (const page of paginateDescribeImageScanFindings({ client }, request)) {
    const unfinished = unfinishedScan(page);
    if (unfinished) return unfinished;
    findings.push(...findingsOf(page));
  }
  return { state: "complete", findings };
}

/** Enhanced scanning says ACTIVE while it watches an image, which begins before the first result. */
function unfinishedScan({ imageScanStatus, imageScanFindings }: DescribeImageScanFindingsCommandOutput) {
  const { status = "no status", description } = imageScanStatus ?? {};
  if (status === "COMPLETE" || (status === "ACTIVE" && imageScanFindings)) return undefined;
  if (["PENDING", "IN_PROGRESS", "ACTIVE"].includes(status)) return { state: "running", progress: status } as const;
  return { state: "unavailable", reason: description ? `${status}, ${description}` : status } as const;
}

function findingsOf({ imageScanFindings }: DescribeImageScanFindingsCommandOutput): Finding[] {
  const { findings = [], enhancedFindings = [] } = imageScanFindings ?? {};
  const basic = findings.map(({ name = "", severity = "", attributes = [] }) => {
    const attribute = (wanted: string) => attributes.find(({ key }) => key === wanted)?.value ?? "";
    const where = `${attribute("package_name")} ${attribute("package_version")}`.trim();
    return { id: name, severity: severity.toLowerCase(), package: where };
  });
  const enhanced = enhancedFindings.map(({ title = "", severity = "", packageVulnerabilityDetails }) => {
    const { vulnerabilityId = title, vulnerablePackages = [] } = packageVulnerabilityDetails ?? {};
    const where = vulnerablePackages.map(({ name, version }) => `${name} ${version}`).join(", ");
    // Inspector writes "NotAvailable" where there is none.
    const fixes = vulnerablePackages.flatMap(({ fixedInVersion: fix }) => (fix && fix !== "NotAvailable" ? fix : []));
    const fixedVersion = [...new Set(fixes)].join(", ");
    const severe = { id: vulnerabilityId, severity: severity.toLowerCase(), package: where };
    return { ...severe, ...(fixedVersion && { fixedVersion }) };
  });
  return [...basic, ...enhanced];
}

/** What no further question changes is a result. Every other failure ends the update. */
function failed(error: unknown): ScanResult {
  const name = error instanceof Error ? error.name : "";
  if (name === "ScanNotFoundException") return { state: "missing" };
  const reason = awsReason(reasonOf(error));
  const isFinal = ["AccessDeniedException", "ImageNotFoundException", "RepositoryNotFoundException"].includes(name);
  if (isFinal) return { state: "unavailable", reason };
  const why = signInFault(`${name}: ${reason}`) ?? reason;
  throw deploymentError(`Could not read the scan of the image from ECR, so the image is not deployed: ${why}`);
}
