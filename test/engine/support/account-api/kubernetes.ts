import {
  type Autoscaler,
  type BoundsPatch,
  boundsOf,
  patchOf,
} from "../../../../components/eks-service/in-cluster/minimum";
import type { Account, Held } from "../../../fakes/account";
import { isRecord, type Properties } from "../../../fakes/values";
import { annotate, describeReplicaSets, managedFields, newest, revision } from "./replica-sets";

const deploymentType = "kubernetes:apps/v1:Deployment";
const autoscalerType = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler";

const record = (value: unknown): Properties => (isRecord(value) ? value : {});
const specOf = ({ inputs }: Held) => record(inputs.spec);

export interface ClusterAnswer {
  readonly status: number;
  readonly body: unknown;
}

const notFound: ClusterAnswer = { status: 404, body: { message: "not found" } };
const found = (body: unknown): ClusterAnswer => ({ status: 200, body });

/** "[ErrImagePull] failed to pull" as the waiting state of a container. */
function waiting(text: string) {
  const [, reason = "CrashLoopBackOff", message = text] = /^\[(\w+)\]\s*(.*)$/.exec(text) ?? [];
  return { reason, message: message === "" ? text : message };
}

/** A rollout with an injected failure exceeds its progress deadline; any other completes at once. */
function describeDeployment(account: Account, held: Held) {
  const { failure } = held;
  const { replicas = 1, selector, template } = specOf(held);
  const available = failure?.op === "create" ? 0 : replicas;
  const reason = failure ? "ProgressDeadlineExceeded" : "NewReplicaSetAvailable";
  const message = failure ? "has timed out progressing." : "has successfully progressed.";
  const { name, namespace } = record(held.outputs.metadata);
  const annotations = { ...record(record(held.inputs.metadata).annotations), [revision]: newest(account, held) };
  return {
    metadata: { name, namespace, uid: held.urn, generation: 1, annotations, managedFields },
    spec: { replicas, selector, template },
    status: {
      observedGeneration: 1,
      replicas,
      updatedReplicas: failure ? 0 : replicas,
      availableReplicas: available,
      conditions: [{ type: "Progressing", status: failure ? "False" : "True", reason, message }],
    },
  };
}

function describePods(account: Account, query: URLSearchParams) {
  const owner = selected(account, query);
  if (!owner?.failure) return { items: [] };
  const containerStatuses = [{ state: { waiting: waiting(owner.failure.reason) } }];
  return { items: [{ metadata: { name: `${owner.name}-1` }, status: { containerStatuses } }] };
}

/** The Deployment whose pods a request selects. */
function selected(account: Account, query: URLSearchParams): Held | undefined {
  const labels = query.get("labelSelector") ?? "";
  return account
    .of(deploymentType)
    .find(({ inputs }) => labels.includes(`variant=${record(record(inputs.metadata).labels).variant}`));
}

/** Of its scale; a merge patch annotates the pods; server-side apply replaces what the only applier applied before. */
function patchDeployment(account: Account, held: Held, path: string, body: Properties): void {
  const given = record(body.spec);
  if (path.endsWith("/scale")) {
    setReplicas(account, held, given.replicas);
    return;
  }
  if (body.kind !== undefined) {
    account.drift(held.urn, { metadata: record(body.metadata), spec: { ...specOf(held), ...given } });
    return;
  }
  const template = record(specOf(held).template);
  const metadata = record(template.metadata);
  const annotations = {
    ...record(metadata.annotations),
    ...record(record(record(given.template).metadata).annotations),
  };
  account.drift(held.urn, {
    spec: { ...specOf(held), template: { ...template, metadata: { ...metadata, annotations } } },
  });
}

/** The autoscaler moves a deployment into its bounds at once, but leaves one with 0 replicas alone. */
function scale(account: Account, autoscaler: Held, changed: Properties): void {
  const bounds = { ...specOf(autoscaler), ...changed };
  account.drift(autoscaler.urn, { spec: bounds });
  const target = record(specOf(autoscaler).scaleTargetRef).name;
  const deployment = account.of(deploymentType).find(({ outputs }) => record(outputs.metadata).name === target);
  const count = Number(deployment && (specOf(deployment).replicas ?? 1));
  if (!deployment || count === 0) return;
  const { minReplicas, maxReplicas } = bounds as Properties;
  setReplicas(account, deployment, Math.min(Math.max(count, Number(minReplicas)), Number(maxReplicas)));
}

function setReplicas(account: Account, deployment: Held, replicas: unknown): void {
  account.drift(deployment.urn, { spec: { ...specOf(deployment), replicas } });
}

function describeAutoscaler({ inputs }: Held): Autoscaler {
  const annotations = record(record(inputs.metadata).annotations) as Record<string, string>;
  return { metadata: { annotations, resourceVersion: "1" }, spec: inputs.spec as Autoscaler["spec"] };
}

/** A merge patch: null removes an annotation. */
function patchAutoscaler(account: Account, held: Held, { metadata, spec }: BoundsPatch): void {
  const all = { ...describeAutoscaler(held).metadata.annotations, ...metadata.annotations };
  const annotations = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
  account.drift(held.urn, { metadata: { ...record(held.outputs.metadata), annotations } });
  scale(account, held, { ...spec });
}

/** What the request scaler does in every cluster. */
export function askForReplicas(account: Account, replicas: number): void {
  for (const held of account.of(autoscalerType)) {
    const autoscaler = describeAutoscaler(held);
    patchAutoscaler(account, held, patchOf(autoscaler, boundsOf(autoscaler), replicas));
  }
}

/** What a job of a schedule does in every cluster at its time. */
export function putToSleep(account: Account): void {
  for (const deployment of account.of(deploymentType)) setReplicas(account, deployment, 0);
}

function named(account: Account, type: string, path: string): Held | undefined {
  const [, namespace, name] = /\/namespaces\/([^/]+)\/\w+\/([^/]+)$/.exec(path) ?? [];
  return account.of(type).find(({ outputs }) => {
    const metadata = record(outputs.metadata);
    return metadata.name === name && metadata.namespace === namespace;
  });
}

/** What the owner of a cluster has installed: everything. */
const isOfOwner = (path: string) =>
  /^\/apis\/(storage\.k8s\.io|apiregistration\.k8s\.io|elbv2\.k8s\.aws)\/|\/namespaces\/kube-system\//.test(path);

/** The API server of every cluster in the account, for the calls that the program itself makes. */
export function answerKubernetes(account: Account, method: string, url: string, body: string): ClusterAnswer {
  const { pathname, searchParams } = new URL(url, "http://cluster");
  if (isOfOwner(pathname)) return found({});
  if (pathname.endsWith("/pods")) return found(describePods(account, searchParams));
  if (pathname.endsWith("/events")) return found({ items: [] });
  if (pathname.includes("/replicasets/")) return found(annotate(account, pathname, JSON.parse(body)));
  if (pathname.endsWith("/replicasets")) {
    const owner = selected(account, searchParams);
    return found({ items: owner ? describeReplicaSets(account, owner) : [] });
  }
  if (pathname.includes("/deployments/")) {
    const held = named(account, deploymentType, pathname.replace(/\/scale$/, ""));
    if (held && method === "PATCH") patchDeployment(account, held, pathname, JSON.parse(body));
    const now = held && named(account, deploymentType, pathname.replace(/\/scale$/, ""));
    return now ? found(describeDeployment(account, now)) : notFound;
  }
  const autoscaler = named(account, autoscalerType, pathname);
  if (autoscaler === undefined) return notFound;
  if (method === "PATCH") patchAutoscaler(account, autoscaler, JSON.parse(body));
  return found(describeAutoscaler(named(account, autoscalerType, pathname) ?? autoscaler));
}
