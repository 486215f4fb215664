import {
  DeregisterTargetsCommand,
  DescribeTagsCommand,
  DescribeTargetHealthCommand,
  type ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
  type TargetDescription,
  type TargetHealthDescription,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import type { KubernetesClient } from "../../fakes/kubernetes-client";
import { type Binding, hasCondition, type Pod, podsOf, type Service, settled } from "./kubernetes-objects";

export const bindingsPath = "/apis/eks.amazonaws.com/v1/targetgroupbindings";

const finalizer = "eks.amazonaws.com/resources";

/** Auto Mode registers pods only with target groups that have this tag. */
const clusterTag = "eks:eks-cluster-name";

/** Readiness waits for the load balancer when there is a gate, so it is the containers that must be ready. */
const isServing = ({ metadata, status }: Pod) =>
  metadata.deletionTimestamp === undefined && status.podIP !== undefined && hasCondition(status, "ContainersReady");

const isLeaving = ({ TargetHealth }: TargetHealthDescription) => TargetHealth?.State === "draining";

/** What Auto Mode's controller does for one TargetGroupBinding at a time: it keeps the target group equal to the pods behind its Service. */
export class Bindings {
  constructor(
    private readonly kube: KubernetesClient,
    private readonly elb: ElasticLoadBalancingV2Client,
    /** Called with each pod before it is registered. */
    private readonly onRegister: (pod: Pod) => void = () => {},
  ) {}

  /** Returns the pods that are registered afterwards. */
  async follow(binding: Binding): Promise<readonly Pod[]> {
    const { metadata, spec } = binding;
    const path = await this.kube.pathOf(binding);
    const isDeleted = metadata.deletionTimestamp !== undefined;
    if (!isDeleted && !metadata.finalizers?.includes(finalizer)) {
      await settled(this.kube.send("PATCH", path, { metadata: { finalizers: [finalizer] } }, "merge-patch+json"));
    }
    const mayRegister = !isDeleted && (await this.hasClusterTag(spec.targetGroupARN));
    const service = mayRegister ? await this.serviceOf(binding) : undefined;
    const behind = service ? await podsOf(this.kube, metadata.namespace, service.spec.selector) : [];
    const pods = behind.filter((pod) => isServing(pod) && portOf(pod, service) !== undefined);
    await this.setTargets(
      spec.targetGroupARN,
      pods.map((pod) => ({ pod, target: { Id: pod.status.podIP, Port: portOf(pod, service) } })),
    );
    if (isDeleted) {
      await settled(this.kube.send("PATCH", path, { metadata: { finalizers: [] } }, "merge-patch+json"));
    }
    return pods;
  }

  async serviceOf({ metadata: { namespace }, spec }: Binding): Promise<Service | undefined> {
    const path = `/api/v1/namespaces/${namespace}/services/${spec.serviceRef.name}`;
    const { status, body } = await this.kube.send("GET", path);
    return status === 200 ? (body as unknown as Service) : undefined;
  }

  async healthOf(TargetGroupArn: string): Promise<readonly TargetHealthDescription[]> {
    const { TargetHealthDescriptions = [] } = await this.elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
    return TargetHealthDescriptions;
  }

  private async hasClusterTag(group: string): Promise<boolean> {
    const { TagDescriptions = [] } = await this.elb.send(new DescribeTagsCommand({ ResourceArns: [group] }));
    return TagDescriptions.some(({ Tags = [] }) => Tags.some(({ Key }) => Key === clusterTag));
  }

  private async setTargets(TargetGroupArn: string, wanted: readonly Wanted[]): Promise<void> {
    const has = (await this.healthOf(TargetGroupArn))
      .filter((target) => !isLeaving(target))
      .flatMap(({ Target }): TargetDescription[] => (Target ? [Target] : []));
    const added = wanted.filter(({ target }) => !has.some((held) => isSame(held, target)));
    const removed = has.filter((held) => !wanted.some(({ target }) => isSame(held, target)));
    if (added.length > 0) {
      for (const { pod } of added) this.onRegister(pod);
      const Targets = added.map(({ target }) => target);
      await this.elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets }));
    }
    if (removed.length > 0) {
      await this.elb.send(new DeregisterTargetsCommand({ TargetGroupArn, Targets: removed }));
    }
  }
}

interface Wanted {
  readonly pod: Pod;
  readonly target: TargetDescription;
}

const isSame = (one: TargetDescription, other: TargetDescription) => one.Id === other.Id && one.Port === other.Port;

/** A Service that names the port reaches each pod on its own number; a pod without that name is no endpoint. */
function portOf({ spec }: Pod, service: Service | undefined): number | undefined {
  const target = service?.spec.ports[0]?.targetPort;
  const ports = spec.containers.flatMap((container) => container.ports);
  return typeof target === "string" ? ports.find(({ name }) => name === target)?.containerPort : target;
}
