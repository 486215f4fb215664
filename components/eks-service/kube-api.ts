import { once } from "../aws/connection";
import type { Bounds } from "../core/schedule";
import { type Autoscaler, boundsOf, patchOf } from "./in-cluster/minimum";
import {
  type Answer,
  type Asking,
  answered,
  betweenTries,
  type Patch,
  type Pause,
  type Sent,
  sendOnce,
} from "./kube-request";
import { clusterAccess } from "./kubeconfig";

/** The fields that the program reads from a Deployment. */
export interface DeploymentState {
  readonly metadata: ObjectMeta & { readonly generation: number };
  readonly spec: {
    readonly replicas: number;
    readonly selector: { matchLabels: Labels };
    readonly template: PodTemplate;
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
    readonly conditions?: readonly Condition[];
  };
}

/** The pods of one version of a Deployment. Kubernetes keeps the last ten. */
export interface ReplicaSetState {
  readonly metadata: ObjectMeta;
  readonly spec: { readonly template: PodTemplate };
  readonly status?: { readonly availableReplicas?: number };
}

type Labels = Readonly<Record<string, string>>;

interface ObjectMeta {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly labels?: Labels;
  readonly annotations?: Labels;
  readonly ownerReferences?: readonly { readonly uid: string }[];
  readonly managedFields?: readonly ManagedFields[];
}

/** The fields that one manager set last: https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management. */
export interface ManagedFields {
  readonly manager: string;
  readonly operation: string;
  readonly subresource?: string;
  readonly fieldsV1?: FieldTree;
}

export interface FieldTree {
  readonly [field: string]: FieldTree | undefined;
}

export interface PodTemplate {
  readonly metadata?: { readonly labels?: Labels; readonly annotations?: Labels };
  readonly spec?: object;
}

/** A Deployment as a manager applies it. */
export interface AppliedDeployment {
  readonly apiVersion: "apps/v1";
  readonly kind: "Deployment";
  readonly metadata: Pick<ObjectMeta, "name" | "namespace" | "labels" | "annotations">;
  readonly spec: object;
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

/** Requests to the API server that Pulumi's provider does not make. */
export interface KubeApi {
  deployment(namespace: string, name: string): Promise<DeploymentState>;
  pods(namespace: string, labels: Labels): Promise<readonly PodState[]>;
  /** Messages of a pod's warning events: only they report a volume that cannot be mounted. */
  warnings(namespace: string, pod: string): Promise<readonly string[]>;
  /** Without what requests add to the minimum. */
  bounds(namespace: string, autoscaler: string): Promise<Bounds>;
  /** Keeps what requests add to the minimum. */
  setBounds(namespace: string, autoscaler: string, bounds: Bounds): Promise<void>;
  /** Of a Deployment. Its autoscaler may change them at once. */
  setReplicas(namespace: string, deployment: string, replicas: number): Promise<void>;
  replicaSets(namespace: string, labels: Labels): Promise<readonly ReplicaSetState[]>;
  annotateReplicaSet(namespace: string, name: string, annotations: Labels): Promise<void>;
  /** Annotates the pod template, so that all pods are replaced. Null removes an annotation. */
  annotatePods(
    namespace: string,
    deployment: string,
    annotations: Readonly<Record<string, string | null>>,
  ): Promise<void>;
  /** Deletes it unless it is gone. */
  deleteSecret(namespace: string, name: string): Promise<void>;
  /** Whether nothing is at a path. False also where the caller may not know. */
  lacks(path: string): Promise<boolean>;
  /** Server-side apply in the name of a manager, whose earlier fields that are not among these end. */
  apply(deployment: AppliedDeployment, manager: string): Promise<void>;
}

/** Reads the kubeconfig and signs in at the first request; a preview makes none. */
export function kubeApi(kubeconfig: string, pause: Pause = betweenTries): KubeApi {
  const access = once(() => clusterAccess(kubeconfig));
  const request = async <T>(sent: Sent, more: Pick<Asking<T>, "read" | "tries" | "verdict"> = {}) => {
    const as = await access();
    return answered<T>(() => sendOnce(as, sent), { subject: `${sent.method} ${sent.path}`, pause, ...more });
  };
  const send = <T>(method: string, path: string, body?: unknown, patch: Patch = "merge-patch+json") =>
    request<T>({ method, path, body, patch });
  const listed = async <T>(path: string) => (await send<{ readonly items: readonly T[] }>("GET", path)).items;
  const autoscaler = (namespace: string, name: string) =>
    `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers/${name}`;
  const app = (namespace: string, kind: string) => `/apis/apps/v1/namespaces/${namespace}/${kind}`;
  return {
    deployment: (namespace, name) => send("GET", `${app(namespace, "deployments")}/${name}`),
    pods: (namespace, labels) => listed(`/api/v1/namespaces/${namespace}/pods?labelSelector=${selector(labels)}`),
    warnings: async (namespace, pod) => {
      const fields = encodeURIComponent(`type=Warning,involvedObject.name=${pod}`);
      const path = `/api/v1/namespaces/${namespace}/events?fieldSelector=${fields}`;
      return (await listed<{ readonly message?: string }>(path)).flatMap(({ message }) => message ?? []);
    },
    bounds: async (namespace, name) => boundsOf(await send<Autoscaler>("GET", autoscaler(namespace, name))),
    setBounds: async (namespace, name, bounds) => {
      const path = autoscaler(namespace, name);
      const as = await access();
      const patchOnce = async (): Promise<Answer> => {
        const live = await sendOnce(as, { method: "GET", path });
        if (live.status >= 300) return live;
        const body = patchOf(JSON.parse(live.text) as Autoscaler, bounds);
        return sendOnce(as, { method: "PATCH", path: `${path}?${asTraffic}`, body, patch: "merge-patch+json" });
      };
      await answered(patchOnce, { subject: `PATCH ${path}`, pause });
    },
    setReplicas: async (namespace, name, replicas) => {
      const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}/scale?${asTraffic}`;
      await send("PATCH", path, { spec: { replicas } });
    },
    replicaSets: (namespace, labels) => listed(`${app(namespace, "replicasets")}?labelSelector=${selector(labels)}`),
    annotateReplicaSet: async (namespace, name, annotations) => {
      await send("PATCH", `${app(namespace, "replicasets")}/${name}?fieldManager=inference-rollout`, {
        metadata: { annotations },
      });
    },
    annotatePods: async (namespace, name, annotations) => {
      const path = `${app(namespace, "deployments")}/${name}?fieldManager=inference-restart`;
      await send("PATCH", path, { spec: { template: { metadata: { annotations } } } });
    },
    deleteSecret: async (namespace, name) => {
      const path = `/api/v1/namespaces/${namespace}/secrets/${name}`;
      const read = ({ status }: Answer) => (status < 300 || status === 404 ? true : undefined);
      await request({ method: "DELETE", path }, { read });
    },
    lacks: (path) => {
      const read = ({ status }: Answer) => (status < 300 || status === 403 ? false : status === 404 ? true : undefined);
      return request({ method: "GET", path }, { read, tries: 2, verdict: "the request failed" });
    },
    apply: async (deployment, manager) => {
      const { namespace, name } = deployment.metadata;
      const path = `${app(namespace, "deployments")}/${name}?fieldManager=${encodeURIComponent(manager)}&force=true`;
      await send("PATCH", path, deployment, "apply-patch+yaml");
    },
  };
}

const asTraffic = "fieldManager=inference-traffic";

const selector = (labels: Labels) =>
  encodeURIComponent(
    Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(),
  );
