import { request as plain } from "node:http";
import { request as encrypted } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { once } from "../aws/connection";
import { deploymentError } from "../core/problems";
import { reasonOf } from "../core/reason";
import { type ClusterAccess, clusterAccess } from "./kubeconfig";

/** The fields that the program reads from a Deployment. */
export interface DeploymentState {
  readonly metadata: { readonly generation: number };
  readonly spec: { readonly replicas: number; readonly selector: { matchLabels: Readonly<Record<string, string>> } };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
    readonly conditions?: readonly Condition[];
  };
}

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

export interface PodState {
  readonly metadata: { readonly name: string };
  readonly status?: {
    readonly conditions?: readonly Condition[];
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}

interface ContainerStatus {
  readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } };
  readonly lastState?: { readonly terminated?: { readonly reason?: string; readonly exitCode?: number } };
}

/** Requests to the API server that Pulumi's provider does not make. `setMinReplicas` is the only change. */
export interface KubeApi {
  deployment(namespace: string, name: string): Promise<DeploymentState>;
  pods(namespace: string, labels: Readonly<Record<string, string>>): Promise<readonly PodState[]>;
  /** Messages of a pod's warning events: only they report a volume that cannot be mounted. */
  warnings(namespace: string, pod: string): Promise<readonly string[]>;
  minReplicas(namespace: string, autoscaler: string): Promise<number>;
  setMinReplicas(namespace: string, autoscaler: string, minReplicas: number): Promise<void>;
}

/** Reads the kubeconfig and signs in at the first request; a preview makes none. */
export function kubeApi(kubeconfig: string, pause: Pause = () => sleep(betweenSeconds * 1000)): KubeApi {
  const access = once(() => clusterAccess(kubeconfig));
  const send = async <T>(method: string, path: string, body?: unknown) =>
    (await answered(() => access().then((as) => sendOnce(as, method, path, body)), `${method} ${path}`, pause)) as T;
  const listed = async <T>(path: string) => (await send<{ readonly items: readonly T[] }>("GET", path)).items;
  const autoscaler = (namespace: string, name: string) =>
    `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers/${name}`;
  return {
    deployment: (namespace, name) => send("GET", `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`),
    pods: (namespace, labels) => listed(`/api/v1/namespaces/${namespace}/pods?labelSelector=${selector(labels)}`),
    warnings: async (namespace, pod) => {
      const fields = encodeURIComponent(`type=Warning,involvedObject.name=${pod}`);
      const path = `/api/v1/namespaces/${namespace}/events?fieldSelector=${fields}`;
      return (await listed<{ readonly message?: string }>(path)).flatMap(({ message }) => message ?? []);
    },
    minReplicas: async (namespace, name) => {
      const { spec } = await send<{ spec: { minReplicas?: number } }>("GET", autoscaler(namespace, name));
      return spec.minReplicas ?? 1;
    },
    setMinReplicas: async (namespace, name, minReplicas) => {
      const path = `${autoscaler(namespace, name)}?fieldManager=inference-traffic`;
      await send("PATCH", path, { spec: { minReplicas } });
    },
  };
}

const selector = (labels: Readonly<Record<string, string>>) =>
  encodeURIComponent(
    Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(),
  );

interface Answer {
  readonly status: number;
  readonly text: string;
}

type Pause = () => Promise<unknown>;

const tries = 5;
const betweenSeconds = 2;
const limitMs = 20_000;

/** Retries: every request is idempotent. Without an answer the deployment counts as failed. */
async function answered(send: () => Promise<Answer>, subject: string, pause: Pause): Promise<unknown> {
  let reason = "";
  for (let left = tries; left > 0; left--) {
    try {
      const { status, text } = await send();
      if (status < 300) return JSON.parse(text);
      reason = `${status} ${messageOf(text)}`;
      if (status !== 429 && status < 500) break;
    } catch (error) {
      reason = reasonOf(error);
    }
    if (left > 1) await pause();
  }
  throw deploymentError(`Could not query the cluster, so the deployment is treated as failed: ${subject}: ${reason}`);
}

function messageOf(text: string): string {
  try {
    return (JSON.parse(text) as { readonly message?: string }).message ?? text;
  } catch {
    return text.trim();
  }
}

async function sendOnce(
  { server, credentials, ...tls }: ClusterAccess,
  method: string,
  path: string,
  body: unknown,
): Promise<Answer> {
  const { token, ...certificate } = await credentials();
  const headers = {
    accept: "application/json",
    ...(token && { authorization: `Bearer ${token}` }),
    ...(body !== undefined && { "content-type": "application/merge-patch+json" }),
  };
  const request = server.startsWith("https:") ? encrypted : plain;
  return new Promise((resolve, reject) => {
    const call = request(
      `${server}${path}`,
      { method, headers, timeout: limitMs, ...tls, ...certificate },
      (answer) => {
        let text = "";
        answer.setEncoding("utf8");
        answer.on("data", (chunk) => {
          text += chunk;
        });
        answer.on("error", reject);
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text }));
      },
    );
    call.on("timeout", () => call.destroy(new Error(`no answer after ${limitMs / 1000} s`)));
    call.on("error", reject);
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
