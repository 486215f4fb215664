import assert from "node:assert/strict";
import { imageScanApi } from "../../../../components/aws/image-scan";
import { parseImage } from "../../../../components/core/image-reference";
import type { ScanResult } from "../../../../components/core/image-scan";
import { type AwsAnswer, withAws } from "../../support/aws-answers";

const digest = `sha256:${"a".repeat(64)}`;
const child = `sha256:${"b".repeat(64)}`;
const image = `123456789012.dkr.ecr.eu-west-1.amazonaws.com/inference@${digest}`;
const json = (body: object, status = 200): AwsAnswer => ({ status, body: JSON.stringify(body) });
const manifest = json({ images: [{ imageManifest: "{}" }] });
const scanned = (status: string, rest: object = {}, description?: string) =>
  json({ imageScanStatus: { status, description }, ...rest });

async function asked(
  DescribeImageScanFindings: AwsAnswer,
  BatchGetImage = manifest,
): Promise<{ result: ScanResult; requests: readonly string[] }> {
  return withAws({ BatchGetImage, DescribeImageScanFindings }, async (url, requests) => {
    const keys = { accessKeyId: "A", secretAccessKey: "S" };
    const api = imageScanApi({ region: "us-east-1", keys, assumeRoles: [], endpoints: { ecr: url } });
    return { result: await api.scanOf(parseImage(image), "arm64"), requests };
  });
}

describe("ECR image scan", () => {
  it("reads the findings of a basic scan, by digest", async () => {
    const attributes = [
      { key: "package_version", value: "3.0.1-1" },
      { key: "package_name", value: "openssl" },
    ];
    const findings = [{ name: "CVE-2025-1", severity: "CRITICAL", attributes }];
    const { result, requests } = await asked(scanned("COMPLETE", { imageScanFindings: { findings } }));
    assert.deepEqual(result, {
      state: "complete",
      findings: [{ id: "CVE-2025-1", severity: "critical", package: "openssl 3.0.1-1" }],
    });
    assert.deepEqual(JSON.parse((requests[1] ?? "").replace("DescribeImageScanFindings ", "")), {
      registryId: "123456789012",
      repositoryName: "inference",
      imageId: { imageDigest: digest },
      maxResults: 1000,
    });
  });

  it("reads the findings of Inspector with the version that fixes them", async () => {
    const vulnerable = (fixedInVersion: string) => ({ name: "tar", version: "6.0.0", fixedInVersion });
    const finding = (vulnerabilityId: string, fixedInVersion: string) => ({
      severity: "HIGH",
      packageVulnerabilityDetails: { vulnerabilityId, vulnerablePackages: [vulnerable(fixedInVersion)] },
    });
    const enhancedFindings = [finding("CVE-2025-2", "6.2.1"), finding("CVE-2025-3", "NotAvailable")];
    const { result } = await asked(scanned("ACTIVE", { imageScanFindings: { enhancedFindings } }));
    assert.deepEqual(result, {
      state: "complete",
      findings: [
        { id: "CVE-2025-2", severity: "high", package: "tar 6.0.0", fixedVersion: "6.2.1" },
        { id: "CVE-2025-3", severity: "high", package: "tar 6.0.0" },
      ],
    });
  });

  it("reads every page", async () => {
    let page = 0;
    const findings = () => [{ name: `CVE-2025-${page}`, severity: "LOW" }];
    const answer = () => {
      page += 1;
      return scanned("COMPLETE", { imageScanFindings: { findings: findings() }, ...(page < 3 && { nextToken: "n" }) });
    };
    await withAws({ BatchGetImage: manifest, DescribeImageScanFindings: answer }, async (url) => {
      const keys = { accessKeyId: "A", secretAccessKey: "S" };
      const api = imageScanApi({ keys, assumeRoles: [], endpoints: { ecr: url } });
      const result = await api.scanOf(parseImage(image), "amd64");
      assert.equal(result.state === "complete" && result.findings.length, 3);
    });
  });

  it("reads the scan of the one image in an index that the machines run", async () => {
    const manifests = [
      { digest, platform: { os: "linux", architecture: "amd64" } },
      { digest: child, platform: { os: "linux", architecture: "arm64" } },
    ];
    const index = json({ images: [{ imageManifest: JSON.stringify({ manifests }) }] });
    const { requests } = await asked(scanned("COMPLETE", { imageScanFindings: {} }), index);
    assert.match(requests[1] ?? "", new RegExp(`"imageDigest":"${child}"`));
  });

  for (const status of ["PENDING", "IN_PROGRESS", "ACTIVE"]) {
    it(`reports a scan that is ${status} without findings as running`, async () =>
      assert.deepEqual((await asked(scanned(status))).result, { state: "running", progress: status }));
  }

  for (const status of ["FAILED", "UNSUPPORTED_IMAGE", "LIMIT_EXCEEDED", "SCAN_ELIGIBILITY_EXPIRED"]) {
    it(`reports ${status} as no result, in the words of ECR`, async () =>
      assert.deepEqual((await asked(scanned(status, {}, "Not supported."))).result, {
        state: "unavailable",
        reason: `${status}, Not supported.`,
      }));
  }

  it("reports an image that nobody scanned", async () =>
    assert.deepEqual((await asked(json({ __type: "ScanNotFoundException" }, 400))).result, { state: "missing" }));

  it("names the missing permission", async () => {
    const message =
      "User: arn:aws:iam::123456789012:user/ci is not authorized to perform: ecr:DescribeImageScanFindings on resource: x";
    const { result } = await asked(json({ __type: "AccessDeniedException", message }, 400));
    const reason = "arn:aws:iam::123456789012:user/ci needs the permission ecr:DescribeImageScanFindings";
    assert.deepEqual(result, { state: "unavailable", reason });
  });

  it("does not take another failure for a result", () =>
    assert.rejects(asked(json({ __type: "ValidationException", message: "no" }, 400)), {
      message: "Could not read the scan of the image from ECR, so the image is not deployed: no",
    }));

  it("makes no call for an image outside ECR", async () => {
    const api = imageScanApi({ assumeRoles: [], endpoints: {} });
    const result = await api.scanOf(parseImage(`ghcr.io/team/model@${digest}`), "amd64");
    assert.deepEqual(result, { state: "unavailable", reason: "the image is not in ECR" });
  });
});
