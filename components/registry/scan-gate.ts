import * as pulumi from "@pulumi/pulumi";
import type { ScanReader } from "../aws/image-scan";
import { type ImageReference, parseImage } from "../core/image-reference";
import { countFindings, type ImageScan, listFindings, refusedFindings, type ScanResult } from "../core/image-scan";
import { deploymentError } from "../core/problems";
import { type Architecture, imageArchitecture } from "../core/service-spec";
import { clockOf, type Polling, pollUntilDone } from "../core/wait-until";

export interface ScanGateArgs {
  readonly imageScan: ImageScan;
  readonly architecture: Architecture;
  /** The images that the stack runs already, as repository@sha256:...; absent if its state is unknown. */
  readonly running?: ReadonlySet<string>;
  readonly reader: ScanReader;
}

/** Resolves when the image may be deployed. */
export type ImageGate = (reference: string) => Promise<void>;

/** A scan on push appears a moment after the push. */
const startSeconds = 60;

/**
 * Waits for ECR's scan and refuses the image for findings at or above the threshold. An image that runs already is reported only: an
 * update of something else, or a way back, must not stop at a vulnerability that was published since. A preview makes no call.
 */
export function scanGate(args: ScanGateArgs, polling: Partial<Polling> = {}): ImageGate {
  const { imageScan, architecture, running, reader } = args;
  return async (reference) => {
    if (imageScan.threshold === "off" || pulumi.runtime.isDryRun()) return;
    const image = parseImage(reference);
    const read = () => reader.scanOf(image, imageArchitecture[architecture]);
    const isRunning = running?.has(reference) === true;
    const result = isRunning ? await read() : await finished(`Scan of image ${shortOf(image)}`, read, polling);
    await judge(reference, result, { imageScan, isRunning });
  };
}

const shortOf = ({ repository, digest }: ImageReference) => `${repository}@${digest.slice(0, 19)}`;

async function finished(subject: string, read: () => Promise<ScanResult>, own: Partial<Polling>): Promise<ScanResult> {
  const polling: Polling = { report: (text) => pulumi.log.info(text), ...own };
  const { now } = clockOf(polling);
  const start = now();
  let result: ScanResult = { state: "missing" };
  const poll = async () => {
    result = await read();
    if (result.state === "running") return { done: false, progress: result.progress } as const;
    const mayStart = result.state === "missing" && now() - start < startSeconds;
    return mayStart ? ({ done: false, progress: "not started" } as const) : ({ done: true } as const);
  };
  await pollUntilDone(subject, poll, polling, async (summary) =>
    deploymentError(
      `${summary}. The image is not deployed; the version before keeps serving. Run pulumi up again, or set imageScan.threshold to off.`,
    ),
  );
  return result;
}

async function judge(
  reference: string,
  result: ScanResult,
  { imageScan, isRunning }: { readonly imageScan: ImageScan; readonly isRunning: boolean },
): Promise<void> {
  if (result.state !== "complete") {
    await pulumi.log.warn(`${reference} is deployed without a check of its vulnerabilities: ${missingWhy(result)}`);
    return;
  }
  const refused = refusedFindings(result.findings, imageScan, new Date());
  const counted = countFindings(result.findings);
  if (refused.length === 0) {
    await pulumi.log.info(`ECR's scan of ${reference}: ${counted}, none refused by imageScan`);
    return;
  }
  const limit = `at or above imageScan.threshold ${imageScan.threshold}`;
  const found = `${reference}: ECR's scan found ${counted}; ${refused.length} ${limit}`;
  const lines = [found, ...listFindings(refused, imageScan).map((line) => `  ${line}`)];
  if (!isRunning) throw deploymentError([...lines, ...remedies(refused[0]?.id ?? "")].join("\n"));
  await pulumi.log.warn([...lines, "The stack runs this image already, so the update goes on."].join("\n"));
}

const remedies = (id: string) => [
  "The image is not deployed; the version before keeps serving. Build it with the fixed packages (npm run pin -- --base finds the newest",
  `base image), or accept a finding: pulumi config set --path imageScan.accept.${id}.until YYYY-MM-DD, and the same with .why`,
];

function missingWhy(result: Exclude<ScanResult, { state: "complete" }>): string {
  if (result.state === "unavailable") return result.reason;
  if (result.state === "running") return `the scan is ${result.progress}`;
  return "ECR has no scan of it. Turn on scanning in its repository, or start one: aws ecr start-image-scan";
}
