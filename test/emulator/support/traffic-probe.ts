import { ECSClient, ListClustersCommand, ListServicesCommand } from "@aws-sdk/client-ecs";
import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import type { KubernetesClient } from "../../fakes/kubernetes-client";
import { describeServices } from "./ecs";
import type { EmulatorEndpoint } from "./endpoint";
import { type Binding, list, podsOf, readyPods, type Service } from "./kubernetes-objects";

/** Listeners, services and bindings exist seconds before they get traffic; listing them in each poll would halve its rate. */
const cachedMs = 1_000;

export interface Share {
  readonly group: string;
  readonly weight: number;
}

/** An ECS service or Kubernetes Service behind a target group. */
export interface Backend {
  readonly name: string;
  /** Running tasks or ready pods. */
  readonly running: number;
  /** Task definitions or images that they run. */
  readonly versions: readonly string[];
}

export interface GroupState {
  readonly healthy: number;
  readonly backends: readonly Backend[];
}

/** An ECS service and its target groups. */
interface TargetedService {
  readonly cluster: string;
  readonly service: string;
  readonly groups: readonly string[];
}

/** A Kubernetes Service whose pods are bound to a target group. */
interface BoundPods {
  readonly group: string;
  readonly namespace: string;
  readonly service: string;
  readonly selector: Service["spec"]["selector"];
}

/** Reads from the APIs where requests go and which replicas answer them. */
export class TrafficProbe {
  private readonly elb: ElasticLoadBalancingV2Client;
  private readonly ecs: ECSClient;
  private readonly listeners = new CachedList(() => this.findListeners());
  private readonly services = new CachedList(() => this.findServices());
  private readonly bound = new CachedList(() => this.findBoundPods());

  constructor(
    client: EmulatorEndpoint["client"],
    private readonly kube?: KubernetesClient,
  ) {
    this.elb = new ElasticLoadBalancingV2Client(client);
    this.ecs = new ECSClient(client);
  }

  /** Load balancer -> weights of its public rule; load balancers without one are left out. */
  async publicShares(): Promise<ReadonlyMap<string, readonly Share[]>> {
    const listeners = await this.listeners.get();
    const answers = await Promise.all(
      listeners.map(async (ListenerArn) => {
        const { Rules = [] } = await this.elb.send(new DescribeRulesCommand({ ListenerArn }));
        const isPublic = Rules.filter(({ Conditions = [] }) =>
          Conditions.some(({ PathPatternConfig }) => PathPatternConfig?.Values?.includes("/*")),
        );
        const forwards = isPublic.flatMap(({ Actions = [] }) =>
          Actions.flatMap(({ ForwardConfig }) => ForwardConfig?.TargetGroups ?? []),
        );
        const shares = forwards.map(({ TargetGroupArn = "", Weight = 1 }) => ({
          group: TargetGroupArn,
          weight: Weight,
        }));
        return { balancer: balancerOf(ListenerArn), isPublic: isPublic.length > 0, shares };
      }),
    );
    const found = new Map<string, Share[]>();
    for (const { balancer, shares } of answers.filter(({ isPublic }) => isPublic)) {
      found.set(balancer, [...(found.get(balancer) ?? []), ...shares]);
    }
    return found;
  }

  async stateOf(group: string): Promise<GroupState> {
    const [healthy, backends] = await Promise.all([this.healthyIn(group), this.backendsOf(group)]);
    return { healthy, backends };
  }

  private async backendsOf(group: string): Promise<Backend[]> {
    const find = async (fresh: boolean) => {
      const [services, bound] = await Promise.all([this.services.get(fresh), this.bound.get(fresh)]);
      return [
        ...services.filter(({ groups }) => groups.includes(group)).map((service) => this.tasksOf(service)),
        ...bound.filter((one) => one.group === group).map((one) => this.podsOf(one)),
      ];
    };
    const known = await find(false);
    return (await Promise.all(known.length > 0 ? known : await find(true))).flat();
  }

  private async findListeners(): Promise<string[]> {
    const { LoadBalancers = [] } = await this.elb.send(new DescribeLoadBalancersCommand({}));
    const found = await Promise.all(
      LoadBalancers.map(({ LoadBalancerArn }) => this.elb.send(new DescribeListenersCommand({ LoadBalancerArn }))),
    );
    return found.flatMap(({ Listeners = [] }) => Listeners).map(({ ListenerArn = "" }) => ListenerArn);
  }

  private async healthyIn(group: string): Promise<number> {
    const { TargetHealthDescriptions = [] } = await this.elb.send(
      new DescribeTargetHealthCommand({ TargetGroupArn: group }),
    );
    return TargetHealthDescriptions.filter(({ TargetHealth }) => TargetHealth?.State === "healthy").length;
  }

  private async tasksOf({ cluster, service }: TargetedService): Promise<Backend[]> {
    const found = await describeServices(this.ecs, cluster, [service]);
    return found
      .filter(({ status }) => status === "ACTIVE")
      .map(({ serviceName = "", runningCount = 0, taskDefinition = "" }) => ({
        name: serviceName,
        running: runningCount,
        versions: [taskDefinition.split("/").pop() ?? ""],
      }));
  }

  private async findServices(): Promise<TargetedService[]> {
    const { clusterArns = [] } = await this.ecs.send(new ListClustersCommand({}));
    const found = await Promise.all(
      clusterArns.map(async (cluster) => {
        const { serviceArns: services = [] } = await this.ecs.send(new ListServicesCommand({ cluster }));
        if (services.length === 0) return [];
        const described = await describeServices(this.ecs, cluster, services);
        return described.map(({ serviceArn = "", loadBalancers = [] }) => ({
          cluster,
          service: serviceArn,
          groups: loadBalancers.map(({ targetGroupArn = "" }) => targetGroupArn),
        }));
      }),
    );
    return found.flat();
  }

  private async podsOf({ namespace, service, selector }: BoundPods): Promise<Backend[]> {
    const pods = this.kube ? readyPods(await podsOf(this.kube, namespace, selector)) : [];
    const versions = pods.map(({ spec }) => `pod of ${spec.containers[0]?.image.split(/[/@]/)[1]}`);
    return [{ name: service, running: pods.length, versions }];
  }

  private async findBoundPods(): Promise<BoundPods[]> {
    const { kube } = this;
    if (!kube) return [];
    const bindings = await list<Binding>(kube, "/apis/eks.amazonaws.com/v1/targetgroupbindings");
    const found = await Promise.all(
      bindings.map(async ({ metadata: { namespace }, spec: { targetGroupARN: group, serviceRef } }) => {
        const path = `/api/v1/namespaces/${namespace}/services/${serviceRef.name}`;
        const { status, body } = await kube.send("GET", path);
        // It may have been deleted since, together with its binding.
        if (status !== 200) return [];
        const { selector } = (body as unknown as Service).spec;
        return [{ group, namespace, service: serviceRef.name, selector }];
      }),
    );
    return found.flat();
  }
}

/** The part that "…:listener/app/name/1234/5678" shares with the ARN of its load balancer. */
const balancerOf = (listenerArn: string) => listenerArn.split("/").slice(1, -1).join("/");

/** A list that is cached for a while, unless it is empty. */
class CachedList<T> {
  private answer: readonly T[] = [];
  private fetchedMs = 0;

  constructor(private readonly fetch: () => Promise<readonly T[]>) {}

  async get(fresh = false): Promise<readonly T[]> {
    const isFresh = this.answer.length > 0 && Date.now() - this.fetchedMs < cachedMs;
    if (isFresh && !fresh) return this.answer;
    this.fetchedMs = Date.now();
    this.answer = await this.fetch();
    return this.answer;
  }
}
