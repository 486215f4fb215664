import { setTimeout as sleep } from "node:timers/promises";
import {
  DeregisterTargetsCommand,
  DescribeTagsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import type { KubernetesClient } from "../../fakes/kubernetes-client";
import { Rollouts } from "./auto-mode-pods";
import type { Emulator } from "./emulator";
import { type Binding, list, type Pod, podsOf, readyPods, type Service, settled } from "./kubernetes-objects";

/** A rollout takes about four rounds; shorter ones cost more CPU time than they save. */
const periodMs = 300;
const finalizer = "eks.amazonaws.com/resources";
const bindingsPath = "/apis/eks.amazonaws.com/v1/targetgroupbindings";

/** Auto Mode registers pods only with target groups that have this tag. */
const clusterTag = "eks:eks-cluster-name";

/**
 * A fake of the controllers of EKS Auto Mode: it creates and deletes the pods of a deployment, registers the pods of a
 * TargetGroupBinding with its target group, and finishes deletions.
 */
export class AutoMode {
  private readonly elb: ElasticLoadBalancingV2Client;
  private readonly rollouts: Rollouts;
  private readonly printed = new Set<string>();
  private running = true;
  private readonly loop: Promise<void>;

  constructor(
    private readonly kube: KubernetesClient,
    emulator: Emulator,
  ) {
    this.elb = new ElasticLoadBalancingV2Client(emulator.client);
    this.rollouts = new Rollouts(kube);
    this.loop = this.run();
  }

  async stop(): Promise<void> {
    this.running = false;
    await this.loop;
  }

  /** Like a controller, it retries in the next round. The error is printed, so that a test that hangs shows the cause. */
  private async run(): Promise<void> {
    for (; this.running; await sleep(periodMs)) {
      try {
        await this.rollouts.advance(await this.registerPods());
        await this.finishNamespaces();
      } catch (error) {
        const text = `fake Auto Mode: ${error instanceof Error ? error.message : error}`;
        if (!this.printed.has(text)) console.error(text);
        this.printed.add(text);
      }
    }
  }

  /** Returns the addresses that are registered afterwards. */
  private async registerPods(): Promise<ReadonlySet<string>> {
    const bindings = await list<Binding>(this.kube, bindingsPath);
    const registered = await Promise.all(bindings.map((binding) => this.registerBound(binding)));
    return new Set(registered.flat());
  }

  private async registerBound(binding: Binding): Promise<readonly string[]> {
    const { metadata, spec } = binding;
    const path = await this.kube.pathOf(binding);
    const isLeaving = metadata.deletionTimestamp !== undefined;
    if (!isLeaving && !metadata.finalizers?.includes(finalizer)) {
      await settled(this.kube.send("PATCH", path, { metadata: { finalizers: [finalizer] } }, "merge-patch+json"));
    }
    const pods = isLeaving || !(await this.mayRegister(spec.targetGroupARN)) ? [] : await this.podsBehind(binding);
    const addresses = await this.setTargets(spec.targetGroupARN, pods);
    if (isLeaving) {
      await settled(this.kube.send("PATCH", path, { metadata: { finalizers: [] } }, "merge-patch+json"));
    }
    return addresses;
  }

  private async mayRegister(group: string): Promise<boolean> {
    const { TagDescriptions = [] } = await this.elb.send(new DescribeTagsCommand({ ResourceArns: [group] }));
    return TagDescriptions.some(({ Tags = [] }) => Tags.some(({ Key }) => Key === clusterTag));
  }

  private async podsBehind({ metadata: { namespace }, spec }: Binding): Promise<Pod[]> {
    const { status, body } = await this.kube.send(
      "GET",
      `/api/v1/namespaces/${namespace}/services/${spec.serviceRef.name}`,
    );
    if (status !== 200) return [];
    return readyPods(await podsOf(this.kube, namespace, (body as unknown as Service).spec.selector));
  }

  private async setTargets(TargetGroupArn: string, pods: readonly Pod[]): Promise<readonly string[]> {
    const { TargetHealthDescriptions = [] } = await this.elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
    const has = TargetHealthDescriptions.map(({ Target }) => Target?.Id ?? "");
    const wanted = pods.map((pod) => pod.status.podIP ?? "");
    const targets = (ids: readonly string[]) =>
      ids.map((Id) => ({ Id, Port: pods[0]?.spec.containers[0]?.ports[0]?.containerPort }));
    const added = wanted.filter((id) => !has.includes(id));
    const removed = has.filter((id) => !wanted.includes(id));
    if (added.length > 0) {
      await this.elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: targets(added) }));
    }
    if (removed.length > 0) {
      await this.elb.send(
        new DeregisterTargetsCommand({
          TargetGroupArn,
          Targets: TargetHealthDescriptions.flatMap(({ Target }) =>
            Target && removed.includes(Target.Id ?? "") ? [Target] : [],
          ),
        }),
      );
    }
    return wanted;
  }

  /** Without a namespace controller, a deleted namespace would stay "Terminating". */
  private async finishNamespaces(): Promise<void> {
    const namespaces = await list<Binding>(this.kube, "/api/v1/namespaces");
    for (const { metadata, ...rest } of namespaces.filter((one) => one.metadata.deletionTimestamp)) {
      const finished = { ...rest, apiVersion: "v1", kind: "Namespace", metadata, spec: { finalizers: [] } };
      await settled(this.kube.send("PUT", `/api/v1/namespaces/${metadata.name}/finalize`, finished));
    }
  }
}
