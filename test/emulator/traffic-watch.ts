import { setTimeout as sleep } from "node:timers/promises";
import { ECSClient, ListClustersCommand, ListServicesCommand } from "@aws-sdk/client-ecs";
import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import type { KubernetesClient } from "../standins/kubernetes-client";
import { describeServices } from "./ecs";
import type { Emulator } from "./emulator";
import { type Binding, list, podsOf, readyPods, type Service } from "./kubernetes-objects";

/** Ten looks a second are aimed for. */
const periodMs = 100;

/** Listeners and services come seconds before traffic does; a look that asked for them too would be half as frequent. */
const knownMs = 1_000;

/** An API that has not answered by then has not answered. */
const requestHandler = { requestTimeout: 20_000, throwOnRequestTimeout: true };

/** An ECS service that serves target groups. */
interface Place {
  readonly cluster: string;
  readonly service: string;
  readonly groups: readonly string[];
}

interface Share {
  readonly group: string;
  readonly weight: number;
}

export interface Watched {
  /** Observations while a public rule was there. */
  readonly seen: number;
  /** What callers would have been hurt by. */
  readonly faults: readonly string[];
  /** Task definitions that served the public, in the order they appeared. */
  readonly served: readonly string[];
  /** Of the public rule when last seen, the smallest first. */
  readonly weights: readonly number[];
  /** Target group -> how many of its targets were healthy when the public was first seen to be sent there. */
  readonly healthyAtFirst: ReadonlyMap<string, number>;
  /** Of the looks that were aimed for, the share that was made. */
  readonly shareOfLooks: number;
}

/** Looks ten times a second where the public's requests go, and whether somebody is there to answer them. */
export class TrafficWatch {
  private readonly elb: ElasticLoadBalancingV2Client;
  private readonly ecs: ECSClient;
  private readonly faults = new Set<string>();
  private readonly served = new Set<string>();
  private readonly healthyAtFirst = new Map<string, number>();
  private readonly startedMs = Date.now();
  private readonly listeners = new Known(() => this.findListeners());
  private readonly places = new Known(() => this.findPlaces());
  private shares: readonly Share[] = [];
  private looks = 0;
  private seen = 0;
  private watching = true;
  private readonly loop: Promise<Error | undefined>;

  constructor(
    { client }: Pick<Emulator, "client">,
    private readonly kube?: KubernetesClient,
  ) {
    this.elb = new ElasticLoadBalancingV2Client({ ...client, requestHandler });
    this.ecs = new ECSClient({ ...client, requestHandler });
    this.loop = this.watch().then(
      () => undefined,
      (error: Error) => error,
    );
  }

  async stop(): Promise<Watched> {
    this.watching = false;
    const error = await this.loop;
    if (error) throw new Error(`the watch went blind after ${this.looks} looks: ${error.message}`);
    const weights = this.shares.map(({ weight }) => weight).sort((a, b) => a - b);
    return {
      seen: this.seen,
      faults: [...this.faults],
      served: [...this.served],
      weights,
      healthyAtFirst: this.healthyAtFirst,
      shareOfLooks: (this.looks * periodMs) / (Date.now() - this.startedMs),
    };
  }

  private async watch(): Promise<void> {
    for (; this.watching; this.looks++) {
      const [, shares] = await Promise.all([sleep(periodMs), this.publicShares()]);
      if (shares.length === 0) {
        if (this.seen > 0) this.faults.add("the public rule was gone for a moment");
        continue;
      }
      this.seen++;
      this.shares = shares;
      await Promise.all(shares.filter(({ weight }) => weight > 0).map((share) => this.judge(share)));
    }
  }

  /** Of every public rule in the account. */
  private async publicShares(): Promise<Share[]> {
    const rules = await Promise.all(
      (await this.listeners.get()).map((ListenerArn) => this.elb.send(new DescribeRulesCommand({ ListenerArn }))),
    );
    return rules
      .flatMap(({ Rules = [] }) => Rules)
      .filter(({ Conditions = [] }) =>
        Conditions.some(({ PathPatternConfig }) => PathPatternConfig?.Values?.includes("/*")),
      )
      .flatMap(({ Actions = [] }) => Actions)
      .flatMap(({ ForwardConfig }) => ForwardConfig?.TargetGroups ?? [])
      .map(({ TargetGroupArn = "", Weight = 1 }) => ({ group: TargetGroupArn, weight: Weight }));
  }

  private async findListeners(): Promise<string[]> {
    const { LoadBalancers = [] } = await this.elb.send(new DescribeLoadBalancersCommand({}));
    const found = await Promise.all(
      LoadBalancers.map(({ LoadBalancerArn }) => this.elb.send(new DescribeListenersCommand({ LoadBalancerArn }))),
    );
    return found.flatMap(({ Listeners = [] }) => Listeners).map(({ ListenerArn = "" }) => ListenerArn);
  }

  private async judge({ group, weight }: Share): Promise<void> {
    const name = group.split("/")[1] ?? group;
    // The emulator empties and refills a group within one call and without a lock; what callers feel lasts longer.
    const healthy = (await this.healthyIn(group)) || (await this.healthyIn(group));
    if (healthy === 0) this.faults.add(`the public rule gives ${name} weight ${weight}; it has no healthy target`);
    if (!this.healthyAtFirst.has(name)) this.healthyAtFirst.set(name, healthy);
    const [services, bindings] = await Promise.all([this.servicesBehind(group), this.bindingsOf(group)]);
    if (services.length + bindings.length === 0)
      this.faults.add(`the public rule gives ${name} weight ${weight}; no service is behind it`);
    for (const { serviceName, runningCount, taskDefinition = "" } of services) {
      if (runningCount === 0) this.faults.add(`the public's requests go to ${serviceName}, which runs no task`);
      this.served.add(taskDefinition.split("/").pop() ?? "");
    }
    for (const binding of bindings) await this.judgePods(binding);
  }

  private async judgePods({ metadata: { namespace }, spec: { serviceRef } }: Binding): Promise<void> {
    if (!this.kube) return;
    const path = `/api/v1/namespaces/${namespace}/services/${serviceRef.name}`;
    const { body } = await this.kube.send("GET", path);
    const pods = readyPods(await podsOf(this.kube, namespace, (body as unknown as Service).spec.selector));
    if (pods.length === 0) this.faults.add(`the public's requests go to ${serviceRef.name}, which has no ready pod`);
    for (const { spec } of pods) this.served.add(`pod of ${spec.containers[0]?.image.split(/[/@]/)[1]}`);
  }

  private async bindingsOf(group: string): Promise<readonly Binding[]> {
    if (!this.kube) return [];
    const bindings = await list<Binding>(this.kube, "/apis/eks.amazonaws.com/v1/targetgroupbindings");
    return bindings.filter(({ spec }) => spec.targetGroupARN === group);
  }

  private async healthyIn(group: string): Promise<number> {
    const { TargetHealthDescriptions = [] } = await this.elb.send(
      new DescribeTargetHealthCommand({ TargetGroupArn: group }),
    );
    return TargetHealthDescriptions.filter(({ TargetHealth }) => TargetHealth?.State === "healthy").length;
  }

  private async servicesBehind(group: string) {
    const behind = (places: readonly Place[]) => places.filter(({ groups }) => groups.includes(group));
    const known = behind(await this.places.get());
    const places = known.length > 0 ? known : behind(await this.places.renew());
    const found = await Promise.all(
      places.map(({ cluster, service }) => describeServices(this.ecs, cluster, [service])),
    );
    return found.flat().filter(({ status }) => status === "ACTIVE");
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
}

/** An answer that holds for a while; an empty one does not. */
class Known<T> {
  private answer: readonly T[] = [];
  private askedMs = 0;

  constructor(private readonly ask: () => Promise<readonly T[]>) {}

  get(): Promise<readonly T[]> {
    const holds = this.answer.length > 0 && Date.now() - this.askedMs < knownMs;
    return holds ? Promise.resolve(this.answer) : this.renew();
  }

  async renew(): Promise<readonly T[]> {
    this.askedMs = Date.now();
    this.answer = await this.ask();
    return this.answer;
  }
}
