import type { KubernetesClient } from "../../fakes/kubernetes-client";
import {
  type Autoscaler,
  type DeploymentWithPods,
  list,
  type Pod,
  type PodSpec,
  podsOf,
  readyPods,
  settled,
} from "./kubernetes-objects";
import { hashLabel, hashOf, ReplicaSets } from "./replica-sets";

/** The variable that the EKS Pod Identity webhook adds to each container of an associated service account. */
const credentials = { name: "AWS_CONTAINER_CREDENTIALS_FULL_URI", value: "http://169.254.170.23/v1/credentials" };

export const identified = <S extends PodSpec>(spec: S): S => ({
  ...spec,
  containers: spec.containers.map((container) => ({ ...container, env: [...(container.env ?? []), credentials] })),
});

const deploymentsPath = "/apis/apps/v1/deployments";
const autoscalersPath = "/apis/autoscaling/v2/horizontalpodautoscalers";

/** As in the emulator's ECS, an image with this word in its name never runs. */
const isBroken = ({ spec }: Pod) => spec.containers.some(({ image }) => image.includes("broken"));

interface RolloutStatus {
  readonly deployment: DeploymentWithPods;
  readonly current: readonly Pod[];
  readonly old: readonly Pod[];
  readonly available: number;
  /** Error of the API server for a further pod. */
  readonly refusal?: string;
}

/** Fake deployment controller, autoscaler without load, and kubelet: pods start at once and replace older ones. */
export class Rollouts {
  private made = 0;
  /** The status last written for each deployment, so that it is written only when it changes. */
  private readonly written = new Map<string, string>();
  /** Template hash of each completed rollout: pods that fail later do not change that. */
  private readonly completed = new Map<string, string>();

  private readonly replicaSets: ReplicaSets;

  constructor(private readonly kube: KubernetesClient) {
    this.replicaSets = new ReplicaSets(kube);
  }

  /** One step of every rollout. Old pods are deleted once enough new ones are registered with the load balancer. */
  async advance(registered: ReadonlySet<string>): Promise<void> {
    const deployments = await list<DeploymentWithPods>(this.kube, deploymentsPath);
    for (const scaler of await list<Autoscaler>(this.kube, autoscalersPath)) await this.raise(scaler, deployments);
    for (const deployment of deployments) await this.advanceOne(deployment, registered);
    const owners = new Set(deployments.map(({ metadata }) => metadata.uid));
    await this.replicaSets.removeOrphans(owners);
    for (const pod of await list<Pod>(this.kube, "/api/v1/pods")) {
      const [owner] = pod.metadata.ownerReferences ?? [];
      if (owner && !owners.has(owner.uid)) await this.remove([pod]);
    }
  }

  /** Raises a deployment to its minimum, but leaves one with 0 replicas alone. It never scales in, as if there were load. */
  private async raise({ metadata, spec }: Autoscaler, deployments: readonly DeploymentWithPods[]): Promise<void> {
    const target = deployments.find((one) => one.metadata.name === spec.scaleTargetRef.name);
    if (!target || target.spec.replicas === 0 || target.spec.replicas >= spec.minReplicas) return;
    const path = `/apis/apps/v1/namespaces/${metadata.namespace}/deployments/${target.metadata.name}`;
    const scaled = { spec: { replicas: spec.minReplicas } };
    await settled(this.kube.send("PATCH", `${path}?fieldManager=scaling`, scaled, "merge-patch+json"));
  }

  private async advanceOne(deployment: DeploymentWithPods, registered: ReadonlySet<string>): Promise<void> {
    const { metadata, spec } = deployment;
    const pods = await podsOf(this.kube, metadata.namespace, spec.selector.matchLabels);
    const hash = hashOf(deployment);
    await this.replicaSets.follow(deployment, hash);
    const current = pods.filter((pod) => pod.metadata.labels?.[hashLabel] === hash);
    const old = pods.filter((pod) => !current.includes(pod));
    const refusal = current.length < spec.replicas ? await this.start(deployment, hash, current) : undefined;
    await this.remove(current.slice(spec.replicas));
    // The readiness gate: a pod counts once it is registered with the load balancer.
    const serving = readyPods(pods).filter(({ status }) => registered.has(status.podIP ?? ""));
    if (serving.filter((pod) => current.includes(pod)).length >= spec.replicas) await this.remove(old);
    if (old.length === 0 && serving.length >= spec.replicas) this.completed.set(metadata.uid, hash);
    await this.replicaSets.count(deployment, countedBy(serving));
    await this.writeStatus({ deployment, current, old, available: serving.length, refusal });
  }

  /** Creates the missing pods, but only one of an image that never runs. */
  private async start(
    deployment: DeploymentWithPods,
    hash: string,
    current: readonly Pod[],
  ): Promise<string | undefined> {
    if (current.some(isBroken)) return undefined;
    const { metadata, spec } = deployment;
    for (let missing = spec.replicas - current.length; missing > 0; missing--) {
      const number = this.made++;
      const pod = {
        apiVersion: "v1",
        kind: "Pod",
        metadata: {
          ...spec.template.metadata,
          name: `${metadata.name}-${hash}-${number}`,
          labels: { ...spec.template.metadata.labels, [hashLabel]: hash },
          ownerReferences: [{ apiVersion: "apps/v1", kind: "Deployment", name: metadata.name, uid: metadata.uid }],
        },
        spec: identified(spec.template.spec),
      };
      const path = `/api/v1/namespaces/${metadata.namespace}/pods`;
      const { status, body } = await this.kube.send("POST", path, pod);
      if (status >= 400) return body.message;
      const made = body as unknown as Pod;
      await settled(
        this.kube.send(
          "PATCH",
          `${path}/${pod.metadata.name}/status`,
          { status: statusOf(made, number) },
          "merge-patch+json",
        ),
      );
      if (isBroken(made)) return undefined;
    }
    return undefined;
  }

  private async remove(pods: readonly Pod[]): Promise<void> {
    for (const { metadata } of pods) {
      const path = `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}?gracePeriodSeconds=0`;
      await settled(this.kube.send("DELETE", path));
    }
  }

  private async writeStatus({ deployment, current, old, available, refusal }: RolloutStatus): Promise<void> {
    const { metadata, spec } = deployment;
    const status = {
      observedGeneration: metadata.generation,
      replicas: current.length + old.length,
      updatedReplicas: current.length,
      readyReplicas: available,
      availableReplicas: available,
      conditions: conditionsOf({
        available,
        wanted: spec.replicas,
        broken: current.find(isBroken),
        refusal,
        isComplete: this.completed.get(metadata.uid) === hashOf(deployment),
      }),
    };
    const text = JSON.stringify(status);
    if (this.written.get(metadata.uid) === text) return;
    const now = new Date().toISOString();
    const conditions = status.conditions.map((one) => ({ ...one, lastUpdateTime: now, lastTransitionTime: now }));
    const path = `/apis/apps/v1/namespaces/${metadata.namespace}/deployments/${metadata.name}/status`;
    await settled(this.kube.send("PATCH", path, { status: { ...status, conditions } }, "merge-patch+json"));
    this.written.set(metadata.uid, text);
  }
}

function countedBy(pods: readonly Pod[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { metadata } of pods) {
    const hash = metadata.labels?.[hashLabel] ?? "";
    counts.set(hash, (counts.get(hash) ?? 0) + 1);
  }
  return counts;
}

function statusOf(pod: Pod, number: number) {
  const [container] = pod.spec.containers;
  const waiting = {
    reason: "ErrImagePull",
    message: `failed to pull and unpack image "${container?.image}": not found`,
  };
  const now = new Date().toISOString();
  const common = { name: container?.name, image: container?.image, imageID: "", restartCount: 0 };
  if (isBroken(pod)) {
    const containerStatuses = [{ ...common, ready: false, state: { waiting } }];
    return {
      phase: "Pending",
      conditions: [{ type: "Ready", status: "False", lastTransitionTime: now }],
      containerStatuses,
    };
  }
  return {
    phase: "Running",
    // Invented addresses in the private range of the stacks' networks.
    podIP: `10.0.${200 + Math.floor(number / 250)}.${1 + (number % 250)}`,
    conditions: ["ContainersReady", "Ready"].map((type) => ({ type, status: "True", lastTransitionTime: now })),
    containerStatuses: [{ ...common, ready: true, state: { running: { startedAt: now } } }],
  };
}

interface Availability {
  readonly available: number;
  readonly wanted: number;
  readonly broken?: Pod;
  readonly refusal?: string;
  readonly isComplete: boolean;
}

/** A rollout that cannot complete exceeds its progress deadline at once. */
function conditionsOf({ available, wanted, broken, refusal, isComplete }: Availability) {
  const isAvailable = available >= wanted;
  const isStuck = broken !== undefined || refusal !== undefined;
  const progress = isComplete ? "NewReplicaSetAvailable" : "ReplicaSetUpdated";
  return [
    {
      type: "Available",
      status: isAvailable ? "True" : "False",
      reason: isAvailable ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
      message: `Deployment ${isAvailable ? "has" : "does not have"} minimum availability.`,
    },
    {
      type: "Progressing",
      status: isStuck ? "False" : "True",
      reason: isStuck ? "ProgressDeadlineExceeded" : progress,
      message: isStuck ? "The rollout has timed out progressing." : "The rollout is progressing.",
    },
    ...(refusal ? [{ type: "ReplicaFailure", status: "True", reason: "FailedCreate", message: refusal }] : []),
  ];
}
