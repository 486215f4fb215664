import type { LogFormat } from "./container";

/** What the containers of a framework have in common. A key of `container` overrides a field; what neither says has a general default. */
export interface Preset {
  readonly port: number;
  readonly readinessPath: string;
  readonly livenessPath: string;
  readonly metricsPath?: string;
  readonly args?: readonly string[];
  /** Whether `python3` is in the image, so that a task on ECS can ask itself for its liveness. */
  readonly hasPython: boolean;
  /** Paths that callers have no business with, such as a model's administration. */
  readonly platformPaths: readonly string[];
  readonly startSeconds: number;
  readonly logFormat: LogFormat;
  /** Where the framework documents them. */
  readonly source: string;
}

const python = { hasPython: true, logFormat: "text", startSeconds: 300 } as const;

/** By the name that `container.preset` gives. */
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
    source: "app/README.md",
  },
  other: {
    port: 8080,
    readinessPath: "/",
    livenessPath: "/",
    hasPython: false,
    platformPaths: [],
    startSeconds: 120,
    logFormat: "text",
    source: "no framework",
  },
  fastapi: {
    ...python,
    port: 8000,
    readinessPath: "/health",
    livenessPath: "/health",
    platformPaths: [],
    source: "https://fastapi.tiangolo.com/deployment/docker/",
  },
  flask: {
    ...python,
    port: 5000,
    readinessPath: "/health",
    livenessPath: "/health",
    platformPaths: [],
    source: "https://flask.palletsprojects.com/en/stable/deploying/gunicorn/",
  },
  triton: {
    port: 8000,
    readinessPath: "/v2/health/ready",
    livenessPath: "/v2/health/live",
    hasPython: true,
    platformPaths: ["/v2/repository/*", "/v2/logging", "/v2/trace/*"],
    startSeconds: 600,
    logFormat: "text",
    source: "https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/protocol/README.html",
  },
  vllm: {
    ...python,
    port: 8000,
    readinessPath: "/health",
    livenessPath: "/health",
    metricsPath: "/metrics",
    platformPaths: ["/metrics"],
    startSeconds: 900,
    source: "https://docs.vllm.ai/en/stable/deployment/k8s/",
  },
  tgi: {
    ...python,
    port: 80,
    readinessPath: "/health",
    livenessPath: "/health",
    metricsPath: "/metrics",
    platformPaths: ["/metrics"],
    startSeconds: 900,
    source: "https://huggingface.co/docs/text-generation-inference/reference/launcher",
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
    source: "https://huggingface.co/docs/text-embeddings-inference/cli_arguments",
  },
  bentoml: {
    ...python,
    port: 3000,
    readinessPath: "/readyz",
    livenessPath: "/livez",
    metricsPath: "/metrics",
    platformPaths: ["/metrics", "/readyz"],
    source: "https://docs.bentoml.com/en/latest/build-with-bentoml/observability/index.html",
  },
  litserve: {
    ...python,
    port: 8000,
    readinessPath: "/health",
    livenessPath: "/health",
    platformPaths: [],
    source: "https://lightning.ai/docs/litserve/features/health-check",
  },
  torchserve: {
    ...python,
    port: 8080,
    readinessPath: "/ping",
    livenessPath: "/ping",
    platformPaths: [],
    source: "https://docs.pytorch.org/serve/configuration.html",
  },
  mlserver: {
    ...python,
    port: 8080,
    readinessPath: "/v2/health/ready",
    livenessPath: "/v2/health/live",
    platformPaths: ["/v2/repository/*"],
    source: "https://mlserver.readthedocs.io/en/latest/reference/settings.html",
  },
  sagemaker: {
    port: 8080,
    readinessPath: "/ping",
    livenessPath: "/ping",
    // SageMaker runs every image so: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
    args: ["serve"],
    hasPython: false,
    platformPaths: [],
    startSeconds: 300,
    logFormat: "text",
    source: "https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html",
  },
} as const satisfies Readonly<Record<string, Preset>>;

export type PresetName = keyof typeof presets;
export const presetNames = Object.keys(presets) as PresetName[];
