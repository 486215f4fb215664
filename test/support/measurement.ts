import type { Measurement } from "../../components/pricing";

export const digest = `sha256:${"ab".repeat(32)}`;

/** A small text model: twice as fast as ours, with short requests and a large image. */
export const measurement: Measurement = {
  measuredAt: "2026-11-29T21:00:00.000Z",
  subject: `ghcr.io/team/model@${digest}`,
  imageDigest: digest,
  cpuModel: "AMD EPYC 7R13",
  vcpus: 2,
  replicas: 1,
  p99LimitMs: 500,
  requestsPerSecondPerVcpu: 15.4,
  p50Ms: 60,
  p99Ms: 480,
  memoryMiB: { atRest: 900, atPeak: 1300.5 },
  startSeconds: 42,
  imageBytes: 3_000_000_000,
  request: { method: "POST", path: "/v1/predict", type: "application/json", bytes: 200 },
  answerBytes: 300,
};
