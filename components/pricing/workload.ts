import data from "./measured.json";
import type { Measurement } from "./measurement";

/** The measured cost of one inference of our server; measured.json has the source. */
export const measured = data;

export interface Size {
  readonly cpuUnits: number;
}

/** The highest rate of one vCPU. A vCPU is assumed to be equally fast on Fargate, EC2 and Lambda. */
export interface Rate {
  readonly perVcpu: number;
}

/** What one inference costs a replica and the network. */
export interface Inference extends Rate {
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** From the start of the container to its readiness. */
  readonly startSeconds: number;
  readonly startFrom: string;
  /** Whose figures these are. */
  readonly from: string;
}

export const ourInference: Inference = {
  perVcpu: measured.imagesPerSecondPerVcpu.value,
  requestBytes: measured.requestBytes.value,
  responseBytes: measured.responseBytes.value,
  startSeconds: measured.startSeconds.value,
  startFrom: "measured: the built-in image on this project's machine",
  from: "our server with a model as heavy as ResNet50",
};

/** The stack's own measurement replaces our server's figures. What it does not know stays. */
export function inferenceOf(measurement: Measurement | undefined): Inference {
  if (measurement === undefined) return ourInference;
  const { requestsPerSecondPerVcpu, request, answerBytes, startSeconds } = measurement;
  const from = describeMeasurement(measurement);
  return {
    ...ourInference,
    perVcpu: requestsPerSecondPerVcpu,
    requestBytes: request.bytes,
    responseBytes: answerBytes,
    ...(startSeconds !== undefined && { startSeconds, startFrom: from }),
    from,
  };
}

/** For example: measured by npm run measure on 2026-11-29, ghcr.io/team/model@sha256:0123456789ab…, 1 vCPU of AMD EPYC 7R13 */
function describeMeasurement({ measuredAt, subject, cpuModel, vcpus }: Measurement): string {
  const what = subject.replace(/(sha256:[0-9a-f]{12})[0-9a-f]{52}/g, "$1…");
  const cpu = `${vcpus} vCPU${cpuModel === undefined ? "" : ` of ${cpuModel}`}`;
  return `measured by npm run measure on ${measuredAt.slice(0, 10)}, ${what}, ${cpu}`;
}

export const measuredRate: Rate = ourInference;

/** The measured rate of a replica of this size with your own model. */
export const rateOf = (perReplica: number, { cpuUnits }: Size): Rate => ({ perVcpu: perReplica / (cpuUnits / 1024) });

export const mostRequestsPerSecond = ({ cpuUnits }: Size, { perVcpu } = measuredRate) => (cpuUnits / 1024) * perVcpu;

/** The rate of a replica at which scaling adds no other. */
export const steadyRequestsPerSecond = (
  spec: Size & { readonly scaling: { readonly cpuPercent: number } },
  rate = measuredRate,
) => (mostRequestsPerSecond(spec, rate) * spec.scaling.cpuPercent) / 100;
