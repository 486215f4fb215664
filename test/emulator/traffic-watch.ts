import { setTimeout as sleep } from "node:timers/promises";
import { DescribeServicesCommand, ECSClient, ListClustersCommand, ListServicesCommand } from "@aws-sdk/client-ecs";
import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Emulator } from "./emulator";

const periodMs = 100;

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
}

/** Looks ten times a second where the public's requests go, and whether somebody is there to answer them. */
export class TrafficWatch {
  private readonly elb: ElasticLoadBalancingV2Client;
  private readonly ecs: ECSClient;
  private readonly faults = new Set<string>();
  private readonly served = new Set<string>();
  private shares: readonly Share[] = [];
  private seen = 0;
  private watching = true;
  private readonly loop: Promise<void>;

  constructor(emulator: Emulator) {
    this.elb = new ElasticLoadBalancingV2Client(emulator.client);
    this.ecs = new ECSClient(emulator.client);
    this.loop = this.watch();
  }

  async stop(): Promise<Watched> {
    this.watching = false;
    await this.loop;
    const weights = this.shares.map(({ weight }) => weight).sort((a, b) => a - b);
    return { seen: this.seen, faults: [...this.faults], served: [...this.served], weights };
  }

  private async watch(): Promise<void> {
    while (this.watching) {
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
    const { LoadBalancers = [] } = await this.elb.send(new DescribeLoadBalancersCommand({}));
    const listeners = await Promise.all(
      LoadBalancers.map(({ LoadBalancerArn }) => this.elb.send(new DescribeListenersCommand({ LoadBalancerArn }))),
    );
    const rules = await Promise.all(
      listeners
        .flatMap(({ Listeners = [] }) => Listeners)
        .map(({ ListenerArn }) => this.elb.send(new DescribeRulesCommand({ ListenerArn }))),
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

  private async judge({ group, weight }: Share): Promise<void> {
    const name = group.split("/")[1];
    // The emulator empties and refills a group within one call and without a lock; what callers feel lasts longer.
    if ((await this.healthyIn(group)) === 0 && (await this.healthyIn(group)) === 0) {
      this.faults.add(`the public rule gives ${name} weight ${weight}; it has no healthy target`);
    }
    const behind = await this.servicesBehind(group);
    if (behind.length === 0) this.faults.add(`the public rule gives ${name} weight ${weight}; no service is behind it`);
    for (const { serviceName, runningCount, taskDefinition = "" } of behind) {
      if (runningCount === 0) this.faults.add(`the public's requests go to ${serviceName}, which runs no task`);
      this.served.add(taskDefinition.split("/").pop() ?? "");
    }
  }

  private async healthyIn(group: string): Promise<number> {
    const { TargetHealthDescriptions = [] } = await this.elb.send(
      new DescribeTargetHealthCommand({ TargetGroupArn: group }),
    );
    return TargetHealthDescriptions.filter(({ TargetHealth }) => TargetHealth?.State === "healthy").length;
  }

  private async servicesBehind(group: string) {
    const { clusterArns = [] } = await this.ecs.send(new ListClustersCommand({}));
    const found = await Promise.all(
      clusterArns.map(async (cluster) => {
        const { serviceArns: services = [] } = await this.ecs.send(new ListServicesCommand({ cluster }));
        if (services.length === 0) return [];
        return (await this.ecs.send(new DescribeServicesCommand({ cluster, services }))).services ?? [];
      }),
    );
    return found
      .flat()
      .filter(({ status }) => status === "ACTIVE")
      .filter(({ loadBalancers = [] }) => loadBalancers.some(({ targetGroupArn }) => targetGroupArn === group));
  }
}
