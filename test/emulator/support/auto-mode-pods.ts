import { createHash } from "node:crypto";
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

/** What EKS's own webhook adds to each container of a service account that has an association. */
const credentials = { name: "AWS_CONTAINER_CREDENTIALS_FULL_URI", value: "http://169.254.170.23/v1/credentials" };

export const identified = <S extends PodSpec>(spec: S): S => ({
  ...spec,
  containers: spec.containers.map((container) => ({ ...container, env: [...(container.env ?? []), credentials] })),
});

const hashLabel = "pod-template-hash";
const deploymentsPath = "/apis/apps/v1/deployments";
const autoscalersPath = "/apis/autoscaling/v2/horizontalpodautoscalers";

const hashOf = ({ spec }: DeploymentWithPods) =>
  createHash("sha256").update(JSON.stringify(spec.template)).digest("hex").slice(0, 10);

/** As with the emulator's ECS: an image of such a name never runs. */
const isBroken = ({ spec }: Pod) => spec.containers.some(({ image }) => image.includes("broken"));

interface Round {
  readonly deployment: DeploymentWithPods;
  readonly current: readonly Pod[];
  readonly old: readonly Pod[];
  readonly available: number;
  /** Why the API server takes no further pod. */
  readonly refusal?: string;
}

/** Deployments, replica sets, autoscalers without load and kubelets in one: pods are made from the template, run at once, and replace their elders. */
export class Rollouts {
  private made = 0;
  /** What was last told of each deployment: nobody is told the same twice. */
  private readonly told = new Map<string, string>();
  /** Template of each deployment whose rollout has been through: pods that fail later do not change that. */
  private readonly through = new Map<string, string>();

  constructor(private readonly kube: KubernetesClient) {}

  /** One step of every rollout. Old pods go once the load balancer has as many new ones as are wanted. */
  async advance(registered: ReadonlySet<string>): Promise<void> {
    const deployments = await list<DeploymentWithPods>(this.kube, deploymentsPath);
    for (const scaler of await list<Autoscaler>(this.kube, autoscalersPath)) await this.raise(scaler, deployments);
    for (const deployment of deployments) await this.advanceOne(deployment, registered);
    const owners = new Set(deployments.map(({ metadata }) => metadata.uid));
    for (const pod of await list<Pod>(this.kube, "/api/v1/pods")) {
      const [owner] = pod.metadata.ownerReferences ?? [];
      if (owner && !owners.has(owner.uid)) await this.remove([pod]);
    }
  }

  /** What is below its minimum is started whatever the load; nothing is ever removed, as if there were some. */
  private async raise({ metadata, spec }: Autoscaler, deployments: readonly DeploymentWithPods[]): Promise<void> {
    const target = deployments.find((one) => one.metadata.name === spec.scaleTargetRef.name);
    if (target === undefined || target.spec.replicas >= spec.minReplicas) return;
    const path = `/apis/apps/v1/namespaces/${metadata.namespace}/deployments/${target.metadata.name}`;
    const scaled = { spec: { replicas: spec.minReplicas } };
    await settled(this.kube.send("PATCH", `${path}?fieldManager=scaling`, scaled, "merge-patch+json"));
  }

  private async advanceOne(deployment: DeploymentWithPods, registered: ReadonlySet<string>): Promise<void> {
    const { metadata, spec } = deployment;
    const pods = await podsOf(this.kube, metadata.namespace, spec.selector.matchLabels);
    const hash = hashOf(deployment);
    const current = pods.filter((pod) => pod.metadata.labels?.[hashLabel] === hash);
    const old = pods.filter((pod) => !current.includes(pod));
    const refusal = current.length < spec.replicas ? await this.start(deployment, hash, current) : undefined;
    await this.remove(current.slice(spec.replicas));
    // By their readiness gate pods count only once the load balancer has them.
    const serving = readyPods(pods).filter(({ status }) => registered.has(status.podIP ?? ""));
    if (serving.filter((pod) => current.includes(pod)).length >= spec.replicas) await this.remove(old);
    if (old.length === 0 && serving.length >= spec.replicas) this.through.set(metadata.uid, hash);
    await this.tell({ deployment, current, old, available: serving.length, refusal });
  }

  /** All that are missing; of an image that does not run no more than the first. */
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

  private async tell({ deployment, current, old, available, refusal }: Round): Promise<void> {
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
        isThrough: this.through.get(metadata.uid) === hashOf(deployment),
      }),
    };
    const text = JSON.stringify(status);
    if (this.told.get(metadata.uid) === text) return;
    const now = new Date().toISOString();
    const conditions = status.conditions.map((one) => ({ ...one, lastUpdateTime: now, lastTransitionTime: now }));
    const path = `/apis/apps/v1/namespaces/${metadata.namespace}/deployments/${metadata.name}/status`;
    await settled(this.kube.send("PATCH", path, { status: { ...status, conditions } }, "merge-patch+json"));
    this.told.set(metadata.uid, text);
  }
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
    // Made up, in the private half of the networks that the stacks make.
    podIP: `10.0.${200 + Math.floor(number / 250)}.${1 + (number % 250)}`,
    conditions: [{ type: "Ready", status: "True", lastTransitionTime: now }],
    containerStatuses: [{ ...common, ready: true, state: { running: { startedAt: now } } }],
  };
}

interface Standing {
  readonly available: number;
  readonly wanted: number;
  readonly broken?: Pod;
  readonly refusal?: string;
  readonly isThrough: boolean;
}

/** The deadline of a rollout that cannot come to an end has passed at once. */
function conditionsOf({ available, wanted, broken, refusal, isThrough }: Standing) {
  const isAvailable = available >= wanted;
  const isStuck = broken !== undefined || refusal !== undefined;
  const moving = isThrough ? "NewReplicaSetAvailable" : "ReplicaSetUpdated";
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
      reason: isStuck ? "ProgressDeadlineExceeded" : moving,
      message: isStuck ? "The rollout has timed out progressing." : "The rollout is progressing.",
    },
    ...(refusal ? [{ type: "ReplicaFailure", status: "True", reason: "FailedCreate", message: refusal }] : []),
  ];
}
