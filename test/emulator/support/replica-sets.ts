import { createHash } from "node:crypto";
import type { KubernetesClient, KubernetesObject } from "../../fakes/kubernetes-client";
import { type DeploymentWithPods, list, settled } from "./kubernetes-objects";

export const hashLabel = "pod-template-hash";
const revision = "deployment.kubernetes.io/revision";

export const hashOf = ({ spec }: DeploymentWithPods) =>
  createHash("sha256").update(JSON.stringify(spec.template)).digest("hex").slice(0, 10);

interface ReplicaSet extends KubernetesObject {
  readonly metadata: DeploymentWithPods["metadata"] & { readonly annotations?: Readonly<Record<string, string>> };
  readonly status?: { readonly replicas?: number; readonly availableReplicas?: number };
}

const revisionOf = ({ metadata }: { readonly metadata: ReplicaSet["metadata"] }) =>
  Number(metadata.annotations?.[revision] ?? 0);

/** The ReplicaSets of a cluster as its deployment controller keeps them: one for each pod template that a Deployment has had. */
export class ReplicaSets {
  constructor(private readonly kube: KubernetesClient) {}

  /** A template that returns takes its ReplicaSet up again, as the newest revision. */
  async follow(deployment: DeploymentWithPods, hash: string): Promise<void> {
    const { namespace, name } = deployment.metadata;
    const own = (await this.all()).filter(({ metadata }) => ownerOf(metadata) === deployment.metadata.uid);
    const current = own.find(({ metadata }) => metadata.labels?.[hashLabel] === hash);
    const latest = Math.max(0, ...own.filter((one) => one !== current).map(revisionOf));
    const now = current && revisionOf(current) > latest ? revisionOf(current) : latest + 1;
    const annotations = { [revision]: String(now) };
    if (current === undefined) await this.create(deployment, hash, annotations);
    else if (revisionOf(current) !== now)
      await this.annotate(`replicasets/${current.metadata.name}`, namespace, annotations);
    const isKnown = revisionOf(deployment) === now;
    if (!isKnown) await this.annotate(`deployments/${name}`, namespace, annotations);
  }

  async count(deployment: DeploymentWithPods, available: ReadonlyMap<string, number>): Promise<void> {
    for (const { metadata, status } of await this.all()) {
      if (ownerOf(metadata) !== deployment.metadata.uid) continue;
      const replicas = available.get(metadata.labels?.[hashLabel] ?? "") ?? 0;
      if (replicas === (status?.availableReplicas ?? 0)) continue;
      const path = `/apis/apps/v1/namespaces/${metadata.namespace}/replicasets/${metadata.name}/status`;
      const counted = { status: { replicas, readyReplicas: replicas, availableReplicas: replicas } };
      await settled(this.kube.send("PATCH", path, counted, "merge-patch+json"));
    }
  }

  /** Without a garbage collector, those of a deleted Deployment would stay. */
  async removeOrphans(owners: ReadonlySet<string>): Promise<void> {
    for (const { metadata } of await this.all()) {
      if (owners.has(ownerOf(metadata) ?? "")) continue;
      const path = `/apis/apps/v1/namespaces/${metadata.namespace}/replicasets/${metadata.name}`;
      await settled(this.kube.send("DELETE", path));
    }
  }

  private readonly all = () => list<ReplicaSet>(this.kube, "/apis/apps/v1/replicasets");

  private async create({ metadata, spec }: DeploymentWithPods, hash: string, annotations: object): Promise<void> {
    const labels = { ...spec.template.metadata.labels, [hashLabel]: hash };
    const set = {
      apiVersion: "apps/v1",
      kind: "ReplicaSet",
      metadata: {
        name: `${metadata.name}-${hash}`,
        labels,
        annotations,
        ownerReferences: [
          { apiVersion: "apps/v1", kind: "Deployment", name: metadata.name, uid: metadata.uid, controller: true },
        ],
      },
      spec: {
        replicas: spec.replicas,
        selector: { matchLabels: { ...spec.selector.matchLabels, [hashLabel]: hash } },
        template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
      },
    };
    await settled(this.kube.send("POST", `/apis/apps/v1/namespaces/${metadata.namespace}/replicasets`, set));
  }

  private async annotate(object: string, namespace: string, annotations: object): Promise<void> {
    const path = `/apis/apps/v1/namespaces/${namespace}/${object}?fieldManager=kube-controller-manager`;
    await settled(this.kube.send("PATCH", path, { metadata: { annotations } }, "merge-patch+json"));
  }
}

const ownerOf = ({ ownerReferences = [] }: ReplicaSet["metadata"]) => ownerReferences[0]?.uid;
