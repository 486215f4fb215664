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
import type { Emulator } from "./emulator";
import { type Binding, list, podsOf, readyPods, type Service } from "./kubernetes-objects";

/** Listeners, services and bindings come seconds before traffic does; a look that asked for them too would be half as frequent. */
const knownMs = 1_000;

export interface Share {
  readonly group: string;
  readonly weight: number;
}

/** Who answers for a target group. */
export interface Serving {
  readonly name: string;
  /** Tasks that run, or pods that are ready. */
  readonly running: number;
  /** What they run. */
  readonly versions: readonly string[];
}

export interface GroupState {
  readonly healthy: number;
  readonly serving: readonly Serving[];
}

/** An ECS service that serves target groups. */
interface Place {
  readonly cluster: string;
  readonly service: string;
  readonly groups: readonly string[];
}

/** Pods that are registered with a target group. */
interface Bound {
  readonly group: string;
  readonly namespace: string;
  readonly service: string;
  readonly selector: Service["spec"]["selector"];
}

/** What the APIs say of where requests go and who answers them. */
export class TrafficProbe {
  private readonly elb: ElasticLoadBalancingV2Client;
  private readonly ecs: ECSClient;
  private readonly listeners = new Known(() => this.findListeners());
  private readonly places = new Known(() => this.findPlaces());
  private readonly bound = new Known(() => this.findBound());

  constructor(
    client: Emulator["client"],
    private readonly kube?: KubernetesClient,
  ) {
    this.elb = new ElasticLoadBalancingV2Client(client);
    this.ecs = new ECSClient(client);
  }

  /** Load balancer -> how its public rule divides the requests; without a public rule it is not there. */
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
    const [healthy, serving] = await Promise.all([this.healthyIn(group), this.servingFrom(group)]);
    return { healthy, serving };
  }

  private async servingFrom(group: string): Promise<Serving[]> {
    const find = async (fresh: boolean) => {
      const [places, bound] = await Promise.all([this.places.get(fresh), this.bound.get(fresh)]);
      return [
        ...places.filter(({ groups }) => groups.includes(group)).map((place) => this.tasksOf(place)),
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

  private async tasksOf({ cluster, service }: Place): Promise<Serving[]> {
    const found = await describeServices(this.ecs, cluster, [service]);
    return found
      .filter(({ status }) => status === "ACTIVE")
      .map(({ serviceName = "", runningCount = 0, taskDefinition = "" }) => ({
        name: serviceName,
        running: runningCount,
        versions: [taskDefinition.split("/").pop() ?? ""],
      }));
  }

  private async findPlaces(): Promise<Place[]> {
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

  private async podsOf({ namespace, service, selector }: Bound): Promise<Serving[]> {
    const pods = this.kube ? readyPods(await podsOf(this.kube, namespace, selector)) : [];
    const versions = pods.map(({ spec }) => `pod of ${spec.containers[0]?.image.split(/[/@]/)[1]}`);
    return [{ name: service, running: pods.length, versions }];
  }

  private async findBound(): Promise<Bound[]> {
    const { kube } = this;
    if (!kube) return [];
    const bindings = await list<Binding>(kube, "/apis/eks.amazonaws.com/v1/targetgroupbindings");
    const found = await Promise.all(
      bindings.map(async ({ metadata: { namespace }, spec: { targetGroupARN: group, serviceRef } }) => {
        const path = `/api/v1/namespaces/${namespace}/services/${serviceRef.name}`;
        const { status, body } = await kube.send("GET", path);
        // It may have gone since, together with its binding.
        if (status !== 200) return [];
        const { selector } = (body as unknown as Service).spec;
        return [{ group, namespace, service: serviceRef.name, selector }];
      }),
    );
    return found.flat();
  }
}

/** "…:listener/app/name/1234/5678" and the load balancer's own arn share the middle. */
const balancerOf = (listenerArn: string) => listenerArn.split("/").slice(1, -1).join("/");

/** An answer that holds for a while; an empty one does not. */
class Known<T> {
  private answer: readonly T[] = [];
  private askedMs = 0;

  constructor(private readonly ask: () => Promise<readonly T[]>) {}

  async get(fresh = false): Promise<readonly T[]> {
    const holds = this.answer.length > 0 && Date.now() - this.askedMs < knownMs;
    if (holds && !fresh) return this.answer;
    this.askedMs = Date.now();
    this.answer = await this.ask();
    return this.answer;
  }
}
