import type { Account, Held } from "../../../fakes/account";
import { isRecord, type Properties } from "../../../fakes/values";

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
function describeDeployment(held: Held) {
  const { failure } = held;
  const { replicas = 1, selector } = specOf(held);
  const available = failure?.op === "create" ? 0 : replicas;
  const reason = failure ? "ProgressDeadlineExceeded" : "NewReplicaSetAvailable";
  const message = failure ? "has timed out progressing." : "has successfully progressed.";
  return {
    metadata: { generation: 1 },
    spec: { replicas, selector },
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
  const labels = query.get("labelSelector") ?? "";
  const owner = account
    .of(deploymentType)
    .find(({ inputs }) => labels.includes(`variant=${record(record(inputs.metadata).labels).variant}`));
  if (!owner?.failure) return { items: [] };
  const containerStatuses = [{ state: { waiting: waiting(owner.failure.reason) } }];
  return { items: [{ metadata: { name: `${owner.name}-1` }, status: { containerStatuses } }] };
}

/** The autoscaler raises a deployment to its minimum at once. */
function raise(account: Account, autoscaler: Held, minReplicas: number): void {
  account.drift(autoscaler.urn, { spec: { ...specOf(autoscaler), minReplicas } });
  const target = record(specOf(autoscaler).scaleTargetRef).name;
  const deployment = account.of(deploymentType).find(({ outputs }) => record(outputs.metadata).name === target);
  if (deployment === undefined) return;
  const spec = specOf(deployment);
  if (Number(spec.replicas ?? 1) < minReplicas)
    account.drift(deployment.urn, { spec: { ...spec, replicas: minReplicas } });
}

function named(account: Account, type: string, path: string): Held | undefined {
  const [, namespace, name] = /\/namespaces\/([^/]+)\/\w+\/([^/]+)$/.exec(path) ?? [];
  return account.of(type).find(({ outputs }) => {
    const metadata = record(outputs.metadata);
    return metadata.name === name && metadata.namespace === namespace;
  });
}

/** The API server of every cluster in the account, for the calls that the program itself makes. */
export function answerKubernetes(account: Account, method: string, url: string, body: string): ClusterAnswer {
  const { pathname, searchParams } = new URL(url, "http://cluster");
  if (pathname.endsWith("/pods")) return found(describePods(account, searchParams));
  if (pathname.endsWith("/events")) return found({ items: [] });
  if (pathname.includes("/deployments/")) {
    const held = named(account, deploymentType, pathname);
    return held ? found(describeDeployment(held)) : notFound;
  }
  const autoscaler = named(account, autoscalerType, pathname);
  if (autoscaler === undefined) return notFound;
  if (method === "PATCH") raise(account, autoscaler, JSON.parse(body).spec.minReplicas);
  return found({ spec: specOf(named(account, autoscalerType, pathname) ?? autoscaler) });
}
