import assert from "node:assert/strict";
import { setScans } from "./support/account-api/ecr";
import type { Sandbox } from "./support/sandbox";
import { succeeds } from "./support/succeeds";
import { describeWithEngine } from "./support/suite";

const attributes = [
  { key: "package_name", value: "openssl" },
  { key: "package_version", value: "3.0.1" },
];
const found = (severity: string) => ({
  imageScanStatus: { status: "COMPLETE" },
  imageScanFindings: { findings: [{ name: "CVE-2025-1", severity, attributes }] },
});
const pending = { imageScanStatus: { status: "IN_PROGRESS" } };
const unsupported = { imageScanStatus: { status: "FAILED", description: "UnsupportedImageError: no such system" } };
const denied = {
  __type: "AccessDeniedException",
  message: "User: arn:aws:iam::123456789012:user/ci is not authorized to perform: ecr:DescribeImageScanFindings",
};
const replicas = /TaskDefinition|Service|Deployment|ListenerRule/;

describeWithEngine("Image scan", (open) => {
  let sandbox: Sandbox;

  before(async () => {
    sandbox = await open();
    await sandbox.createStack("prod", { target: "both", "inference:imageScan": { threshold: "critical" } });
  });

  /** How often the engine lists a message at the end of an update. */
  const timesIn = (output: string, message: RegExp) => output.split("Diagnostics:")[1]?.match(message)?.length;
  const deployedSince = (mark: number) => sandbox.changesSince(mark).filter((change) => replicas.test(change));

  it("prod deploys an image without critical vulnerabilities on both platforms", async () => {
    setScans(sandbox.account, found("HIGH"));
    const { output } = succeeds(await sandbox.up());
    assert.equal(timesIn(output, /ECR's scan of \S+: 1 high, none refused by imageScan/g), 1, output);
  });

  it("a preview reads no scan and shows no change", async () => {
    const { output } = await sandbox.must("preview", "--expect-no-changes");
    assert.doesNotMatch(output, /scan/i);
  });

  it("a vulnerability that is published later does not stop an update of the same image", async () => {
    setScans(sandbox.account, found("CRITICAL"));
    const { output } = succeeds(await sandbox.up());
    assert.match(output, /CVE-2025-1 \(critical\): openssl 3\.0\.1[\s\S]*runs this image already/);
  });

  it("a new image with a critical vulnerability is refused, and the one before keeps serving", async () => {
    setScans(sandbox.account, found("CRITICAL"));
    sandbox.changeImage();
    const mark = sandbox.mark();
    const { code, output } = await sandbox.up();
    assert.equal(code, 1, output);
    assert.match(output, /ECR's scan found 1 critical; 1 at or above imageScan\.threshold critical/);
    assert.match(output, /CVE-2025-1 \(critical\): openssl 3\.0\.1, no fixed version reported/);
    assert.doesNotMatch(output, /^\s+at \S/m);
    assert.deepEqual(deployedSince(mark), []);
  });

  it("a second update refuses it again", async () => {
    const { code, output } = await sandbox.up();
    assert.equal(code, 1, output);
  });

  it("an accepted finding lets it pass, once the scan is complete", async () => {
    setScans(sandbox.account, pending, found("CRITICAL"));
    await sandbox.must("config", "set", "--path", "imageScan.accept.CVE-2025-1.until", "2099-12-31");
    await sandbox.must("config", "set", "--path", "imageScan.accept.CVE-2025-1.why", "nothing here uses it");
    const mark = sandbox.mark();
    const { output } = succeeds(await sandbox.up());
    assert.match(output, /Scan of image \S+: IN_PROGRESS/);
    assert.ok(deployedSince(mark).some((change) => change.includes("ecs/taskDefinition")));
    assert.ok(deployedSince(mark).some((change) => change.includes("apps/v1:Deployment")));
  });

  for (const [title, answer, reason] of [
    ["of a system that ECR does not support", unsupported, /FAILED, UnsupportedImageError: no such system/],
    ["without the permission to read the scan", denied, /user\/ci needs the permission ecr:DescribeImageScanFindings/],
  ] as const) {
    it(`an image ${title} is deployed with one warning`, async () => {
      setScans(sandbox.account, answer);
      sandbox.changeImage();
      const { output } = succeeds(await sandbox.up());
      assert.equal(timesIn(output, /is deployed without a check of its vulnerabilities/g), 1, output);
      assert.match(output, reason);
    });
  }
});
