import type { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { Bindings, bindingsPath } from "../../../emulator/support/bindings";
import { type Binding, list, type Pod } from "../../../emulator/support/kubernetes-objects";
import type { KubernetesClient } from "../../../fakes/kubernetes-client";
import { gateOf, reportHealth } from "./gates";
import { watch } from "./watch";
import { Webhook } from "./webhook";

/** While a pod waits for its target, and after an error. */
const againMs = 500;

/** Changes within this time are one. */
const settleMs = 50;

export interface PodTargetsOptions {
  readonly kube: KubernetesClient;
  /** Of the endpoint whose targets the load balancer answers. */
  readonly elb: ElasticLoadBalancingV2Client;
  /** Address -> name of the image that runs there. */
  readonly versions: Map<string, string>;
}

/**
 * Auto Mode's load balancing controller: real pods become targets of the group of their binding, and become ready once the load
 * balancer finds them healthy.
 */
export class PodTargets {
  private readonly bindings: Bindings;
  private readonly closes: (() => void)[] = [];
  private readonly printed = new Set<string>();
  private isStopped = false;
  /** When the next round starts. */
  private dueMs = Number.POSITIVE_INFINITY;
  private round?: Promise<void>;
  private timer?: NodeJS.Timeout;

  private constructor(
    private readonly kube: KubernetesClient,
    elb: ElasticLoadBalancingV2Client,
    versions: Map<string, string>,
  ) {
    this.bindings = new Bindings(kube, elb, ({ status, spec }) => {
      if (status.podIP) versions.set(status.podIP, repositoryOf(spec.containers[0]?.image ?? ""));
    });
  }

  static async start({ kube, elb, versions }: PodTargetsOptions): Promise<PodTargets> {
    const targets = new PodTargets(kube, elb, versions);
    const webhook = await Webhook.start(kube, (namespace, labels) => targets.gatesOf(namespace, labels));
    const changed = () => targets.soon(settleMs);
    targets.closes.push(() => webhook.stop(), watch(kube, bindingsPath, changed), watch(kube, "/api/v1/pods", changed));
    return targets;
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    for (const close of this.closes) close();
    await this.round;
  }

  /** Starts a round within this time; while one runs, another one after it. */
  private soon(ms: number): void {
    const dueMs = Date.now() + ms;
    if (this.isStopped || dueMs >= this.dueMs) return;
    this.dueMs = dueMs;
    if (this.round) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.dueMs = Number.POSITIVE_INFINITY;
      this.round = this.followAll().then((isWaiting) => {
        this.round = undefined;
        const isDue = this.dueMs !== Number.POSITIVE_INFINITY;
        this.dueMs = Number.POSITIVE_INFINITY;
        if (isDue || isWaiting) this.soon(isDue ? settleMs : againMs);
      });
    }, ms).unref();
  }

  /** Returns whether something is left to do. Like a controller, it tries again after an error. */
  private async followAll(): Promise<boolean> {
    try {
      const bindings = await list<Binding>(this.kube, bindingsPath);
      const waiting = await Promise.all(bindings.map((binding) => this.follow(binding)));
      return waiting.some((count) => count > 0);
    } catch (error) {
      const text = `pod targets: ${error instanceof Error ? error.message : error}`;
      if (!this.printed.has(text)) console.error(text);
      this.printed.add(text);
      return true;
    }
  }

  private async follow(binding: Binding): Promise<number> {
    const pods = await this.bindings.follow(binding);
    if (pods.length === 0) return 0;
    return reportHealth(this.kube, binding, pods, await this.bindings.healthOf(binding.spec.targetGroupARN));
  }

  /** Of every binding of the namespace whose Service selects the pod. */
  private async gatesOf(namespace: string, labels: Pod["metadata"]["labels"]): Promise<readonly string[]> {
    const bindings = await list<Binding>(this.kube, bindingsPath);
    const gates = bindings
      .filter(({ metadata }) => metadata.namespace === namespace)
      .map(async (binding) => {
        const selector = (await this.bindings.serviceOf(binding))?.spec.selector;
        const isSelected = selector && Object.entries(selector).every(([key, value]) => labels?.[key] === value);
        return isSelected ? [gateOf(binding)] : [];
      });
    return (await Promise.all(gates)).flat();
  }
}

/** `app` of 111122223333.dkr.ecr.us-east-1.amazonaws.com/app@sha256:... */
const repositoryOf = (image: string) =>
  image
    .replace(/@.*$/, "")
    .replace(/:[^/]*$/, "")
    .replace(/^[^/]*\//, "");
