import { createHash } from "node:crypto";
import type {
  AppliedDeployment,
  DeploymentState,
  FieldTree,
  KubeApi,
  ManagedFields,
  ReplicaSetState,
} from "./kube-api";

/** On a ReplicaSet whose version rolled out and fired no alarm. Its value is of no importance. */
export const provenAnnotation = "inference/proven";

/**
 * On a Deployment that the program rolled back. It is applied in the name of Pulumi's provider together with the earlier template, so it
 * ends with the next change that Pulumi itself applies.
 */
const rolledBackAnnotation = "inference/rolled-back";

const revisionAnnotation = "deployment.kubernetes.io/revision";
const hashLabel = "pod-template-hash";

/** What the annotation says: the declared version that failed, and why. */
interface Note {
  readonly version: string;
  readonly reason: string;
}

/** Why the program rolled this declared version back. Undefined when it did not, or when another version is declared by now. */
export function reasonOfRollback({ metadata }: DeploymentState, version: string): string | undefined {
  const text = metadata.annotations?.[rolledBackAnnotation];
  if (text === undefined) return undefined;
  const note = JSON.parse(text) as Note;
  return note.version === version ? note.reason : undefined;
}

/** The same for equal values, in whatever order their keys are. */
export function fingerprint(value: unknown): string {
  const sorted = (_key: string, inner: unknown) =>
    inner !== null && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner;
  return createHash("sha256").update(JSON.stringify(value, sorted)).digest("hex").slice(0, 16);
}

const revisionOf = ({ metadata }: Pick<ReplicaSetState, "metadata">) =>
  Number(metadata.annotations?.[revisionAnnotation] ?? 0);

export const isProven = ({ metadata }: ReplicaSetState) => metadata.annotations?.[provenAnnotation] !== undefined;

/** The ReplicaSet of the Deployment's own template, once the cluster has observed it. */
export const currentSet = (live: DeploymentState, sets: readonly ReplicaSetState[]) =>
  ownSets(live, sets).find((set) => revisionOf(set) === revisionOf(live));

/** The newest other version that worked. Versions from before the program kept a record count while they have pods. */
export function setToReturnTo(live: DeploymentState, sets: readonly ReplicaSetState[]): ReplicaSetState | undefined {
  const earlier = ownSets(live, sets)
    .filter((set) => revisionOf(set) !== revisionOf(live))
    .sort((a, b) => revisionOf(b) - revisionOf(a));
  return earlier.find(isProven) ?? earlier.find(({ status }) => (status?.availableReplicas ?? 0) > 0);
}

const ownSets = ({ metadata: { uid } }: DeploymentState, sets: readonly ReplicaSetState[]) =>
  sets.filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid));

/** Records that the current version works. */
export async function markProven(
  { namespace, deployment }: { readonly namespace: string; readonly deployment: string },
  kube: KubeApi,
): Promise<void> {
  const live = await kube.deployment(namespace, deployment);
  const current = currentSet(live, await kube.replicaSets(namespace, live.spec.selector.matchLabels));
  if (current) await kube.annotateReplicaSet(namespace, current.metadata.name, { [provenAnnotation]: "true" });
}

/** The field manager of the containers: Pulumi's provider, with its own name for each resource. */
export const applierOf = ({ metadata }: DeploymentState): ManagedFields | undefined =>
  metadata.managedFields?.find(
    ({ operation, subresource, fieldsV1 }) =>
      operation === "Apply" && !subresource && fieldsV1?.["f:spec"]?.["f:template"]?.["f:spec"]?.["f:containers"],
  );

/**
 * The Deployment with the template of an earlier ReplicaSet and all other fields that the applier owns, as they are. Applied in its name:
 * a manager of our own would keep the variables that only the earlier template has, and Pulumi's next change would be a conflict.
 */
export function returned(
  { metadata, spec }: DeploymentState,
  { fieldsV1 = {} }: ManagedFields,
  { spec: { template } }: ReplicaSetState,
  note: Note,
): AppliedDeployment {
  const { name, namespace, labels = {}, annotations = {} } = metadata;
  const { [hashLabel]: _hash, ...podLabels } = template.metadata?.labels ?? {};
  const owned = fieldsV1["f:metadata"] ?? {};
  const { annotations: podAnnotations } = template.metadata ?? {};
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: {
      name,
      namespace,
      labels: ownedBy(owned["f:labels"], labels),
      annotations: {
        ...ownedBy(owned["f:annotations"], annotations),
        [rolledBackAnnotation]: JSON.stringify(note),
      },
    },
    // Without the replicas once the autoscaler owns them.
    spec: {
      ...ownedBy(fieldsV1["f:spec"], spec),
      template: {
        metadata: { labels: podLabels, ...(podAnnotations && { annotations: podAnnotations }) },
        spec: template.spec,
      },
    },
  };
}

const ownedBy = <V>(fields: FieldTree | undefined, values: Readonly<Record<string, V>>): Record<string, V> =>
  Object.fromEntries(Object.entries(values).filter(([name]) => fields?.[`f:${name}`] !== undefined));
