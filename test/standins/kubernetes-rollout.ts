import type { KubernetesClient } from "./kubernetes-client";

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

export interface Deployment {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly generation: number };
  readonly spec: { readonly replicas: number; readonly selector: { readonly matchLabels: Record<string, string> } };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
    readonly replicas?: number;
    readonly conditions?: readonly Condition[];
  };
}

interface Pod {
  readonly status: {
    readonly containerStatuses?: readonly {
      readonly state: { readonly waiting?: { reason: string; message: string } };
    }[];
  };
}

export interface Rollout {
  readonly done: boolean;
  readonly failed: boolean;
  readonly reasons: string[];
}

export const labelSelector = (labels: Readonly<Record<string, string>>) =>
  encodeURIComponent(
    Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(),
  );

/** How far a deployment has come, in the words of its own conditions and of its pods. */
export async function rolloutOf(client: KubernetesClient, body: unknown): Promise<Rollout> {
  const { metadata, spec, status = {} } = body as Deployment;
  const { observedGeneration = 0, updatedReplicas = 0, availableReplicas = 0, replicas = 0, conditions = [] } = status;
  if (observedGeneration < metadata.generation) return { done: false, failed: false, reasons: [] };
  const done = [updatedReplicas, availableReplicas, replicas].every((count) => count === spec.replicas);
  if (done) return { done, failed: false, reasons: [] };
  const bad = conditions.filter(({ type, status: is }) => (type === "ReplicaFailure" ? is === "True" : is === "False"));
  const failed = bad.some(({ reason }) => reason === "ProgressDeadlineExceeded");
  const selector = labelSelector(spec.selector.matchLabels);
  const path = `/api/v1/namespaces/${metadata.namespace}/pods?labelSelector=${selector}`;
  const pods = (await client.send("GET", path)).body.items as Pod[];
  const waiting = pods.flatMap(({ status: pod }) => pod.containerStatuses ?? []).map(({ state }) => state.waiting);
  const told = [...bad, ...waiting].map((one) => one && `[${one.reason}] ${one.message}`);
  return { done, failed, reasons: [...new Set(told)].filter((one) => one !== undefined) };
}
