import type { Capacity } from "./capacity";
import { type Container, type ContainerSettings, containerOf, usualIdleSeconds } from "./container";
import type { Egress } from "./egress";
import type { Bounds, Window } from "./schedule";
import { ownShare, type Sidecar, type SidecarSettings, sidecarsOf } from "./sidecar";
import { type Volume, type VolumeSettings, volumesOf } from "./volume";

export type Architecture = "x86_64" | "arm64";
export type Insights = "off" | "standard" | "enhanced";

/** As images and Kubernetes name them. */
export const imageArchitecture: Readonly<Record<Architecture, string>> = { x86_64: "amd64", arm64: "arm64" };

/** Describes a replica. The ECS task definition, the Kubernetes Deployment and the local container are created from it. */
export interface ServiceSpec extends Container {
  readonly architecture: Architecture;
  readonly cpuUnits: number;
  readonly memoryMiB: number;
  /** Further containers, which share the size of the replica. */
  readonly sidecars: readonly Sidecar[];
  /** File systems that every replica mounts. */
  readonly volumes: readonly Volume[];
  readonly environment: Readonly<Record<string, string>>;
  /** Name of the variable -> arn of the secret or parameter that holds its value. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Permissions of the container's own code on AWS. */
  readonly permissions: readonly Permission[];
  /** Arns of managed policies that the container's own code has as well. */
  readonly managedPolicies: readonly string[];
  /** What the container may connect to besides HTTPS everywhere, by the name of the rule. */
  readonly egress: Readonly<Record<string, Egress>>;
  /** With a shell inside (exec), the root file system has to be writable. */
  readonly exec: boolean;
  readonly replicas: Bounds;
  readonly capacity: Capacity;
  readonly scaling: Scaling;
  readonly schedule: Readonly<Record<string, Window>>;
  readonly drain: Drain;
  readonly logRetentionDays: number;
  /** Whether the log group is kept until its retention ends when the service is deleted. */
  readonly keepsLogs: boolean;
  /** How closely CloudWatch watches the replicas. */
  readonly insights: Insights;
}

export interface Scaling {
  readonly cpuPercent: number;
  readonly memoryPercent?: number;
  readonly requestsPerMinutePerReplica?: number;
  readonly scaleOutCooldownSeconds: number;
  readonly scaleInCooldownSeconds: number;
}

export interface Permission {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly condition?: Condition;
}

/** As IAM writes it: operator -> key -> value. */
export type Condition = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

export interface ManagedPolicy {
  /** Its arn. */
  readonly policy: string;
}

/** Each period is a little longer than the one inside it. */
export interface Drain {
  /** How long the load balancer leaves a departing replica to answer what it already has. */
  readonly deregistrationSeconds: number;
  /** How long the server still takes requests after SIGTERM. */
  readonly lingerSeconds: number;
  /** How long the server takes at most from SIGTERM to its exit. */
  readonly serverSeconds: number;
  /** How long the platform waits after SIGTERM before it kills. */
  readonly stopSeconds: number;
}

/** When a replica gets no more traffic, the same on every platform; seconds, and failures in a row. */
export const readinessCheck = { interval: 10, timeout: 5, retries: 3 };

// Fargate Spot may send SIGTERM to a task that is still registered, and gives it two minutes
// (repost.aws/knowledge-center/fargate-spot-termination-notice). The load balancer leaves it when its readiness has failed often enough.
const longestLinger = readinessCheck.interval * readinessCheck.retries + readinessCheck.timeout;
/** From the end of the linger time to the exit: 10 s for late arrivals, and 35 s for the upload and the answer of the last one. */
const answering = 45;
const usualDeregistration = 30;

function drainOf({ idleSeconds, stopSeconds }: Pick<ContainerSettings, "idleSeconds" | "stopSeconds">): Drain {
  const serverSeconds = Math.max(1, stopSeconds - 10);
  return {
    // An answer may begin only at the end of the idle time, so a longer one needs a longer deregistration delay.
    deregistrationSeconds: idleSeconds > usualIdleSeconds ? idleSeconds : usualDeregistration,
    lingerSeconds: Math.min(longestLinger, Math.max(0, serverSeconds - answering)),
    serverSeconds,
    stopSeconds,
  };
}

/** Variables that describe the container's resources. Only the program sets them. */
export const reservedVariables: readonly string[] = [
  "PORT",
  "CPU_UNITS",
  "DRAIN_SECONDS",
  "LINGER_SECONDS",
  "IDLE_SECONDS",
  "MODEL_URI",
  "PATH_PREFIX",
  "API_KEYS",
];

/** Whether the container's code may only read the model's objects, or also list them. */
export type ModelAccess = "read" | "list";

/** The settings that decide what a replica is. */
export interface ReplicaSettings
  extends Pick<
    ServiceSpec,
    "architecture" | "environment" | "secrets" | "exec" | "replicas" | "scaling" | "schedule" | "egress"
  > {
  /** The target `local` has no load balancer and no CloudWatch. */
  readonly place: "aws" | "this machine";
  readonly cpu: number;
  readonly memory: number;
  readonly container: ContainerSettings;
  readonly sidecars: Readonly<Record<string, SidecarSettings>>;
  readonly volumes: Readonly<Record<string, VolumeSettings>>;
  /** "bundled", or s3://bucket/prefix. */
  readonly modelUri: string;
  /** "none", or the arn of the key that the model is encrypted with. */
  readonly modelKmsKeyArn: string;
  readonly modelAccess: ModelAccess;
  readonly permissions: readonly (Permission | ManagedPolicy)[];
  /** "none", or the arn of the secret that lists the keys. */
  readonly apiKeys: string;
  readonly spot: Capacity;
  readonly logRetentionDays: number;
  readonly protect: boolean;
  readonly insights: Insights;
  /** A listener that other services share. It forwards paths as callers send them. */
  readonly gateway?: { readonly path?: string };
}

export function serviceSpec(settings: ReplicaSettings): ServiceSpec {
  const container = containerOf(settings.container);
  const drain = drainOf(settings.container);
  const sidecars = sidecarsOf(settings.sidecars, container.user);
  const size = { cpuUnits: settings.cpu, memoryMiB: settings.memory, sidecars };
  return {
    ...container,
    architecture: settings.architecture,
    ...size,
    volumes: volumesOf(settings.volumes),
    environment: environmentOf(settings, container, drain, ownShare(size).cpuUnits),
    secrets: { ...settings.secrets, ...(settings.apiKeys === "none" ? {} : { API_KEYS: settings.apiKeys }) },
    permissions: [...modelPermissions(settings), ...settings.permissions.filter((given) => "actions" in given)],
    egress: settings.egress,
    managedPolicies: settings.permissions.flatMap((given) => ("policy" in given ? [given.policy] : [])),
    exec: settings.exec,
    replicas: settings.replicas,
    capacity: settings.spot,
    scaling: settings.scaling,
    schedule: settings.schedule,
    drain,
    logRetentionDays: settings.logRetentionDays,
    keepsLogs: settings.protect,
    insights: settings.insights,
  };
}

type ModelSettings = Pick<ReplicaSettings, "modelUri" | "modelKmsKeyArn" | "modelAccess">;

const modelPermissions = ({ modelUri, modelKmsKeyArn, modelAccess }: ModelSettings) =>
  modelUri === "bundled" ? [] : [...readModel(modelUri, modelAccess), ...decryptModel(modelKmsKeyArn)];

/** What the user sets wins over what the contract implies, and what the program knows over both. */
function environmentOf(
  { place, modelUri, environment, gateway }: ReplicaSettings,
  container: Container,
  drain: Drain,
  cpuUnits: number,
): Readonly<Record<string, string>> {
  const isOnAws = place === "aws";
  return {
    ...container.environment,
    // Metrics as lines of the log, where CloudWatch reads the log.
    ...(isOnAws && container.logFormat === "ours" ? { EMF: "1" } : {}),
    ...environment,
    PORT: String(container.port),
    CPU_UNITS: String(cpuUnits),
    DRAIN_SECONDS: String(drain.serverSeconds),
    // The target `local` has no load balancer: neither one that needs time to notice, nor one that keeps connections.
    ...(isOnAws ? { LINGER_SECONDS: String(drain.lingerSeconds), IDLE_SECONDS: String(container.idleSeconds) } : {}),
    ...(modelUri === "bundled" ? {} : { MODEL_URI: modelUri }),
    // The load balancer forwards a path with its prefix.
    ...(isOnAws && gateway?.path !== undefined ? { PATH_PREFIX: gateway.path } : {}),
  };
}

/** Only this model's objects. The manifest names the files of our own server, so it lists nothing. */
function readModel(uri: string, access: ModelAccess): Permission[] {
  const [location = "", version] = uri.slice("s3://".length).split("?");
  const actions = version ? ["s3:GetObject", "s3:GetObjectVersion"] : ["s3:GetObject"];
  // The model's other files are in the same folder.
  const folder = location.replace(/\/[^/]+\.onnx$/, "").replace(/\/$/, "");
  const read = { actions, resources: [`arn:aws:s3:::${folder}/*`] };
  return access === "list" ? [read, listFolder(folder)] : [read];
}

/** Code asks S3 for the folder's prefix with or without its slash. */
function listFolder(location: string): Permission {
  const [bucket = "", ...rest] = location.split("/");
  const inside = rest.map((part) => `${part}/`).join("");
  const condition = { StringLike: { "s3:prefix": [rest.join("/"), `${inside}*`] } };
  return { actions: ["s3:ListBucket"], resources: [`arn:aws:s3:::${bucket}`], condition };
}

/** Through S3 only: the key decrypts nothing else. */
function decryptModel(keyArn: string): Permission[] {
  if (keyArn === "none") return [];
  const condition = { StringEquals: { "kms:ViaService": `s3.${keyArn.split(":")[3]}.amazonaws.com` } };
  return [{ actions: ["kms:Decrypt"], resources: [keyArn], condition }];
}

/** When a replica counts as dead, the same on every platform; seconds, and failures in a row. */
export const livenessCheck = { interval: 15, timeout: 5, retries: 3 };
