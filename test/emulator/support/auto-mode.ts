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

/** A rollout takes some four rounds; more of them a second would cost the machine more than the tests gain. */
const periodMs = 300;
const finalizer = "eks.amazonaws.com/resources";
const bindingsPath = "/apis/eks.amazonaws.com/v1/targetgroupbindings";

/** Auto Mode registers pods only with groups that carry its cluster's name. */
const clusterTag = "eks:eks-cluster-name";

/**
 * What EKS in Auto Mode does beside the API server, as far as a deployment can tell: pods come and go with their deployment, the
 * pods of a TargetGroupBinding are registered with its group, and what is deleted is tidied up.
 */
export class AutoMode {
  private readonly elb: ElasticLoadBalancingV2Client;
  private readonly rollouts: Rollouts;
  private readonly told = new Set<string>();
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

  /** As controllers do, it tries again in the next round what failed in this one; a test that hangs on it shows why here. */
  private async run(): Promise<void> {
    for (; this.running; await sleep(periodMs)) {
      try {
        await this.rollouts.advance(await this.registerPods());
        await this.finishNamespaces();
      } catch (error) {
        const text = `Auto Mode's fake provider: ${error instanceof Error ? error.message : error}`;
        if (!this.told.has(text)) console.error(text);
        this.told.add(text);
      }
    }
  }

  /** Addresses by group, as the load balancer has them afterwards. */
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

  /** Pulumi has deleted what it made in a namespace; what nobody finishes stays "Terminating" for ever. */
  private async finishNamespaces(): Promise<void> {
    const namespaces = await list<Binding>(this.kube, "/api/v1/namespaces");
    for (const { metadata, ...rest } of namespaces.filter((one) => one.metadata.deletionTimestamp)) {
      const finished = { ...rest, apiVersion: "v1", kind: "Namespace", metadata, spec: { finalizers: [] } };
      await settled(this.kube.send("PUT", `/api/v1/namespaces/${metadata.name}/finalize`, finished));
    }
  }
}
