import assert from "node:assert/strict";
import type { Finding, ImageScan, ScanResult } from "../../../../components/core/image-scan";
import { type ScanGateArgs, scanGate } from "../../../../components/registry/scan-gate";
import { declared, deployed } from "../../support/mock-cloud";

const digest = `sha256:${"a".repeat(64)}`;
const reference = `123456789012.dkr.ecr.eu-west-1.amazonaws.com/inference@${digest}`;
const finding = (id: string, severity: string): Finding => ({ id, severity, package: "openssl 3.0.1" });
const complete = (...findings: Finding[]): ScanResult => ({ state: "complete", findings });
const running: ScanResult = { state: "running", progress: "IN_PROGRESS" };

interface Outcome {
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
  readonly error?: string;
  readonly reads: number;
  readonly waitedSeconds: number;
}

/** Passes one image through the gate. The last answer stays. */
async function through(
  answers: readonly ScanResult[],
  own: Partial<ScanGateArgs> = {},
  run = deployed,
): Promise<Outcome> {
  let [reads, seconds] = [0, 0];
  const reader = { scanOf: async () => answers[Math.min(reads++, answers.length - 1)] ?? running };
  const imageScan: ImageScan = { threshold: "high", accept: {} };
  const clock = { now: () => seconds, wait: async (length: number) => (seconds += length) };
  let error: string | undefined;
  const plan = await run(async () => {
    const gate = scanGate({ imageScan, architecture: "x86_64", reader, ...own }, clock);
    await gate(reference).catch(({ message }: Error) => {
      error = message;
    });
  });
  const [warnings, infos] = [plan.said("warning"), plan.said("info")];
  return { warnings, infos, error, reads, waitedSeconds: seconds };
}

const accepting = (until: string): Partial<ScanGateArgs> => ({
  imageScan: { threshold: "high", accept: { "CVE-1": { until, why: "not reachable" } } },
});

describe("scanGate", () => {
  it("lets an image pass whose findings are below the threshold, and counts them", async () => {
    const { infos, warnings, error } = await through([
      complete(finding("CVE-1", "medium"), finding("CVE-2", "undefined")),
    ]);
    assert.deepEqual([warnings, error], [[], undefined]);
    assert.match(infos.join(), /^ECR's scan of \S+@sha256:a+: 1 medium, 1 undefined, none refused by imageScan$/);
  });

  it("refuses findings at or above the threshold, the worst first, with package, fix and the key", async () => {
    const fixed = { ...finding("CVE-2", "critical"), fixedVersion: "3.0.2" };
    const { error } = await through([complete(finding("CVE-1", "high"), fixed, finding("CVE-3", "low"))]);
    assert.deepEqual(error?.split("\n").slice(0, 3), [
      `${reference}: ECR's scan found 1 critical, 1 high, 1 low; 2 at or above imageScan.threshold high`,
      "  CVE-2 (critical): openssl 3.0.1, fixed in 3.0.2",
      "  CVE-1 (high): openssl 3.0.1, no fixed version reported",
    ]);
    assert.match(error ?? "", /the version before keeps serving/);
    assert.match(error ?? "", /pulumi config set --path imageScan\.accept\.CVE-2\.until YYYY-MM-DD/);
  });

  it("names five findings and counts the others", async () => {
    const many = Array.from({ length: 8 }, (_, index) => finding(`CVE-${index}`, "high"));
    assert.match((await through([complete(...many)])).error ?? "", /CVE-4 .*\n {2}and 3 more\n/);
  });

  it("lets an accepted finding pass until its day", async () => {
    // Of the end of this test: it may run over midnight.
    const today = new Date(Date.now() + 60_000).toISOString().slice(0, 10);
    assert.equal((await through([complete(finding("CVE-1", "high"))], accepting(today))).error, undefined);
  });

  it("refuses an accepted finding after its day", async () => {
    const { error } = await through([complete(finding("CVE-1", "high"))], accepting("2026-01-31"));
    assert.match(error ?? "", /CVE-1 \(high\): .*; was accepted until 2026-01-31/);
  });

  it("waits for a scan that runs, and reports its progress once", async () => {
    const { infos, reads, error } = await through([running, running, running, complete()]);
    assert.deepEqual([reads, error], [4, undefined]);
    assert.deepEqual(infos, [
      "Scan of image inference@sha256:aaaaaaaaaaaa: IN_PROGRESS",
      `ECR's scan of ${reference}: no vulnerabilities, none refused by imageScan`,
    ]);
  });

  it("refuses an image whose scan does not end within 10 minutes", async () => {
    const { error, waitedSeconds } = await through([running]);
    assert.equal(waitedSeconds, 600);
    assert.match(
      error ?? "",
      /is not ready after 600 s: IN_PROGRESS\. The image is not deployed; .* Run pulumi up again/,
    );
  });

  it("gives a scan on push a minute to appear", async () => {
    const { reads, error, warnings } = await through([{ state: "missing" }, { state: "missing" }, complete()]);
    assert.deepEqual([reads, error, warnings], [3, undefined, []]);
  });

  it("warns once of an image that nobody scans, after a minute", async () => {
    const { warnings, error, waitedSeconds } = await through([{ state: "missing" }]);
    assert.deepEqual([error, waitedSeconds], [undefined, 60]);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? "", /is deployed without a check .* start one: aws ecr start-image-scan$/);
  });

  it("warns once with the reason of ECR, and lets the image pass", async () => {
    const { warnings, error } = await through([{ state: "unavailable", reason: "UNSUPPORTED_IMAGE" }]);
    assert.equal(error, undefined);
    assert.deepEqual(warnings, [`${reference} is deployed without a check of its vulnerabilities: UNSUPPORTED_IMAGE`]);
  });

  it("reports the findings of an image that runs already, without waiting or refusing", async () => {
    const own = { running: new Set([reference]) };
    const { warnings, error } = await through([complete(finding("CVE-1", "high"))], own);
    assert.equal(error, undefined);
    assert.match(warnings.join(), /CVE-1 \(high\)[\s\S]*runs this image already/);
    assert.equal((await through([running], own)).waitedSeconds, 0);
  });

  it("makes no call with threshold off, and none in a preview", async () => {
    const off = { imageScan: { threshold: "off", accept: {} } } as const;
    assert.equal((await through([running], off)).reads, 0);
    assert.equal((await through([running], {}, declared)).reads, 0);
  });
});
