import { join } from "node:path";
import { projectFolder } from "../../tools/stack/file";

/** An example with somebody else's container, and what its stack file must say of it on every platform. */
export interface Example {
  readonly folder: string;
  readonly port: number;
  readonly readiness: string;
  readonly liveness: string;
  readonly args?: readonly string[];
  /** Without it, the image's own. */
  readonly user?: string;
}

export const examples: readonly Example[] = [
  { folder: "fastapi-pytorch", port: 8000, readiness: "/healthz", liveness: "/healthz", user: "1000:1000" },
  { folder: "flask-sklearn", port: 8000, readiness: "/health", liveness: "/health", user: "1000:1000" },
  { folder: "the-tutorials/echo", port: 80, readiness: "/health", liveness: "/health" },
  { folder: "the-tutorials/features", port: 80, readiness: "/health", liveness: "/health" },
  { folder: "the-tutorials/resnet", port: 5000, readiness: "/health", liveness: "/health" },
  { folder: "the-tutorials/sagemaker", port: 8080, readiness: "/ping", liveness: "/ping", args: ["serve"] },
  { folder: "the-tutorials/keras", port: 8080, readiness: "/", liveness: "/" },
  {
    folder: "stock-image/triton",
    port: 8000,
    readiness: "/v2/health/ready",
    liveness: "/v2/health/live",
    args: ["tritonserver", "--model-repository=s3://my-models/repository"],
  },
  {
    folder: "stock-image/tei",
    port: 80,
    readiness: "/health",
    liveness: "/health",
    args: ["--json-output", "--model-id", "BAAI/bge-small-en-v1.5"],
  },
];

export const exampleFolder = (folder: string) => join(projectFolder, "examples", folder);
export const exampleStackFile = (folder: string) => join(exampleFolder(folder), "stack.yaml");
