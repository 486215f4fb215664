import type { Answer, KubernetesClient, KubernetesObject } from "../../fakes/kubernetes-client";

interface Metadata {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly generation: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly deletionTimestamp?: string;
  readonly ownerReferences?: readonly { readonly uid: string }[];
}

export interface Binding extends KubernetesObject {
  readonly metadata: Metadata;
  readonly spec: { readonly targetGroupARN: string; readonly serviceRef: { readonly name: string } };
}

export interface Service {
  readonly spec: {
    readonly selector: Readonly<Record<string, string>>;
    readonly ports: readonly { readonly targetPort: number | string }[];
  };
}

export interface PodSpec {
  readonly nodeName?: string;
  readonly containers: readonly {
    readonly name: string;
    readonly image: string;
    readonly env?: readonly object[];
    readonly ports: readonly { readonly name?: string; readonly containerPort: number }[];
  }[];
}

export interface PodStatus {
  readonly podIP?: string;
  readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  readonly containerStatuses?: readonly { readonly containerID: string; readonly restartCount: number }[];
}

export interface Pod {
  readonly metadata: Metadata;
  readonly spec: PodSpec;
  readonly status: PodStatus;
}

export interface DeploymentWithPods {
  readonly metadata: Metadata;
  readonly spec: {
    readonly replicas: number;
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: PodSpec;
    };
  };
}

export interface Autoscaler extends KubernetesObject {
  readonly metadata: Metadata;
  readonly spec: { readonly minReplicas: number; readonly scaleTargetRef: { readonly name: string } };
}

const labelSelector = (labels: Readonly<Record<string, string>>) =>
  encodeURIComponent(
    Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(),
  );

/** Fails on an error, except when the object has changed or is gone: the next round handles it again. */
export async function settled(sent: Promise<Answer>): Promise<Answer> {
  const answer = await sent;
  if (answer.status >= 400 && ![404, 409].includes(answer.status)) throw new Error(answer.body.message);
  return answer;
}

export async function list<T>(kube: KubernetesClient, path: string): Promise<T[]> {
  const { body } = await settled(kube.send("GET", path));
  const { apiVersion, kind, items } = body as { apiVersion: string; kind: string; items: T[] };
  // The API server leaves apiVersion and kind out of the items of a list.
  return items.map((item) => ({ apiVersion, kind: kind.replace(/List$/, ""), ...item }));
}

export const podsOf = (kube: KubernetesClient, namespace: string, labels: Readonly<Record<string, string>>) =>
  list<Pod>(kube, `/api/v1/namespaces/${namespace}/pods?labelSelector=${labelSelector(labels)}`);

export const hasCondition = ({ conditions }: PodStatus, wanted: string): boolean =>
  conditions?.some(({ type, status }) => type === wanted && status === "True") ?? false;

export const readyPods = (pods: readonly Pod[]): Pod[] => pods.filter(({ status }) => hasCondition(status, "Ready"));
