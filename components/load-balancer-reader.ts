import type { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { type AwsConnection, asking, clientConfig, once } from "./aws-connection";
import type { TargetReader } from "./healthy";

/** What the load balancer does at this moment. */
export interface LoadBalancerReader extends TargetReader {
  /** Target group -> weight, of the load balancer's rule at this priority; empty when there is none yet. */
  weights(loadBalancerArn: string, priority: number): Promise<ReadonlyMap<string, number>>;
}

/** Its SDK is loaded when first asked, which no preview does. */
export function loadBalancerReader(connection: AwsConnection): LoadBalancerReader {
  const client = once(async () => {
    const { ElasticLoadBalancingV2Client } = await import("@aws-sdk/client-elastic-load-balancing-v2");
    return new ElasticLoadBalancingV2Client(await clientConfig(connection, "elbv2"));
  });
  const ask = <T>(question: (elb: ElasticLoadBalancingV2Client) => Promise<T>) =>
    asking("Elastic Load Balancing", async () => question(await client()));
  return {
    healthyTargets: (arn) => ask((elb) => healthyTargets(elb, arn)),
    weights: (loadBalancerArn, priority) => ask((elb) => weights(elb, loadBalancerArn, priority)),
  };
}

async function healthyTargets(elb: ElasticLoadBalancingV2Client, TargetGroupArn: string): Promise<number> {
  const { DescribeTargetHealthCommand } = await import("@aws-sdk/client-elastic-load-balancing-v2");
  const { TargetHealthDescriptions = [] } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
  return TargetHealthDescriptions.filter(({ TargetHealth }) => TargetHealth?.State === "healthy").length;
}

/** Of whichever listener has it: in an update that brings a domain, traffic is still at the one that it leaves. */
async function weights(client: ElasticLoadBalancingV2Client, LoadBalancerArn: string, priority: number) {
  const { paginateDescribeListeners } = await import("@aws-sdk/client-elastic-load-balancing-v2");
  const found = new Map<string, number>();
  for await (const { Listeners = [] } of paginateDescribeListeners({ client }, { LoadBalancerArn })) {
    for (const { ListenerArn = "" } of Listeners) {
      for (const [group, weight] of await weightsOf(client, ListenerArn, priority)) {
        found.set(group, Math.max(weight, found.get(group) ?? 0));
      }
    }
  }
  return found;
}

async function weightsOf(client: ElasticLoadBalancingV2Client, ListenerArn: string, priority: number) {
  const { paginateDescribeRules } = await import("@aws-sdk/client-elastic-load-balancing-v2");
  for await (const { Rules = [] } of paginateDescribeRules({ client }, { ListenerArn })) {
    const rule = Rules.find(({ Priority }) => Priority === String(priority));
    if (!rule) continue;
    const groups = rule.Actions?.flatMap(({ ForwardConfig }) => ForwardConfig?.TargetGroups ?? []) ?? [];
    return groups.map(({ TargetGroupArn = "", Weight = 0 }) => [TargetGroupArn, Weight] as const);
  }
  return [];
}
