import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { deploymentError, type Problem, refusal } from "../core/problems";
import { reasonOf } from "../core/reason";
import { decimal, integer, object, optional, text, type ValueOf } from "../settings/schema";

const someText = (what: string) => text(what, (value) => value !== "");
const most = 1_000_000;

const schema = object({
  measuredAt: text("a time such as 2026-11-29T21:00:00.000Z", (value) => !Number.isNaN(Date.parse(value))),
  subject: someText("what was measured: an image, a variant or an address"),
  /** Absent when the image has none: one that was never pushed, or a server at an address. */
  imageDigest: optional(text("sha256:<64 hex digits>", (value) => /^sha256:[0-9a-f]{64}$/.test(value))),
  /** Of this machine; absent for replicas on AWS. */
  cpuModel: optional(someText("the model of the CPU")),
  /** The CPU limit of one replica. */
  vcpus: decimal(0.01, 1024),
  replicas: integer(1, 10_000),
  p99LimitMs: decimal(0.001, most),
  requestsPerSecondPerVcpu: decimal(0.000001, most),
  p50Ms: decimal(0, most),
  p99Ms: decimal(0, most),
  memoryMiB: optional(object({ atRest: decimal(0, 10 * most), atPeak: decimal(0, 10 * most) })),
  startSeconds: optional(decimal(0, 86_400)),
  imageBytes: optional(integer(1, 1e13)),
  request: object({
    method: someText("an HTTP method"),
    path: someText("the path of the request"),
    type: optional(someText("the content type of the body")),
    bytes: integer(0, 1e12),
  }),
  answerBytes: integer(0, 1e12),
});

/** What `npm run measure` found about a stack's own container. */
export type Measurement = ValueOf<typeof schema>;

export const measurementFile = (stack: string) => `Pulumi.${stack}.measured.json`;

/** The measurement beside the stack file; undefined without one. */
export function readMeasurement(folder: string, stack: string): Measurement | undefined {
  const file = measurementFile(stack);
  const path = join(folder, file);
  if (!existsSync(path)) return undefined;
  const problems: Problem[] = [];
  const read = schema.read(parsed(path, file), file, problems);
  if (problems.length === 0) return read;
  throw refusal(file, problems.map(withoutFile(file)));
}

function parsed(path: string, file: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw deploymentError(`${file}: ${reasonOf(error)}`);
  }
}

const withoutFile =
  (file: string) =>
  ({ key, ...problem }: Problem): Problem => ({
    ...problem,
    key: key === file ? "content" : key.replaceAll(`${file}.`, ""),
  });

/** A warning if the measurement is of another image than the stack runs. An image that is built here has no digest yet. */
export function otherImage(stack: string, measurement: Measurement | undefined, image: string): string | undefined {
  const [, digest] = image.split("@");
  const { imageDigest } = measurement ?? {};
  if (digest === undefined || imageDigest === undefined || imageDigest === digest) return undefined;
  return `${measurementFile(stack)} measured ${short(imageDigest)}, and the stack runs ${short(digest)}. Measure again: npm run measure -- --stack ${stack}`;
}

const short = (digest: string) => digest.slice(0, "sha256:".length + 12);
