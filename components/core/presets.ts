import type { LogFormat } from "./container";

/** What the containers of a framework have in common. A key of `container` overrides a field; what neither says has a general default. */
export interface Preset {
  readonly port: number;
  readonly readinessPath: string;
  readonly livenessPath: string;
  readonly metricsPath?: string;
  /** Whether `python3` is in the image, so that a task on ECS can ask itself for its liveness. */
  readonly hasPython: boolean;
  /** Paths that callers have no business with, such as a model's administration. */
  readonly platformPaths: readonly string[];
  readonly startSeconds: number;
  readonly logFormat: LogFormat;
}

const python = { hasPython: true, logFormat: "text", startSeconds: 300 } as const;

/** By the name that `container.preset` gives. The sources are in docs/bring-your-container.md. */
export const presets = {
  ours: {
    port: 8080,
    readinessPath: "/ready",
    livenessPath: "/health",
    metricsPath: "/metrics",
    hasPython: false,
    platformPaths: ["/metrics", "/ready", "/ping"],
    startSeconds: 120,
    logFormat: "ours",
  },
  other: {
    port: 8080,
    readinessPath: "/",
    livenessPath: "/",
    hasPython: false,
    platformPaths: [],
    startSeconds: 120,
    logFormat: "text",
  },
  fastapi: { ...python, port: 8000, readinessPath: "/health", livenessPath: "/health", platformPaths: [] },
  flask: { ...python, port: 5000, readinessPath: "/health", livenessPath: "/health", platformPaths: [] },
  triton: {
    port: 8000,
    readinessPath: "/v2/health/ready",
    livenessPath: "/v2/health/live",
    hasPython: true,
    platformPaths: ["/v2/repository/*", "/v2/logging", "/v2/trace/*"],
    startSeconds: 600,
    logFormat: "text",
  },
  vllm: {
    ...python,
    port: 8000,
    readinessPath: "/health",
    livenessPath: "/health",
    metricsPath: "/metrics",
    platformPaths: ["/metrics"],
    startSeconds: 900,
  },
  tgi: {
    ...python,
    port: 80,
    readinessPath: "/health",
    livenessPath: "/health",
    metricsPath: "/metrics",
    platformPaths: ["/metrics"],
    startSeconds: 900,
  },
  tei: {
    port: 80,
    readinessPath: "/health",
    livenessPath: "/health",
    metricsPath: "/metrics",
    hasPython: false,
    platformPaths: ["/metrics"],
    startSeconds: 300,
    logFormat: "text",
  },
  bentoml: {
    ...python,
    port: 3000,
    readinessPath: "/readyz",
    livenessPath: "/livez",
    metricsPath: "/metrics",
    platformPaths: ["/metrics", "/readyz"],
  },
  litserve: { ...python, port: 8000, readinessPath: "/health", livenessPath: "/health", platformPaths: [] },
  torchserve: { ...python, port: 8080, readinessPath: "/ping", livenessPath: "/ping", platformPaths: [] },
  mlserver: {
    ...python,
    port: 8080,
    readinessPath: "/v2/health/ready",
    livenessPath: "/v2/health/live",
    platformPaths: ["/v2/repository/*"],
  },
  sagemaker: {
    port: 8080,
    readinessPath: "/ping",
    livenessPath: "/ping",
    hasPython: false,
    platformPaths: [],
    startSeconds: 300,
    logFormat: "text",
  },
} as const satisfies Readonly<Record<string, Preset>>;

export type PresetName = keyof typeof presets;
export const presetNames = Object.keys(presets) as PresetName[];
