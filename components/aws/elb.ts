import type { Action, ElasticLoadBalancingV2Client, LoadBalancer } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { RulePlace } from "../core/entrance";
import type { TargetReader } from "../core/wait-until";
import { type AwsConnection, asking, clientConfig, once } from "./connection";

/** Target group -> its share of a rule's traffic, in percent. */
export type Weights = Readonly<Record<string, number>>;

/** Reads live weights and targets, and makes the only change to the load balancer outside of Pulumi. */
export interface LoadBalancerApi extends TargetReader {
  /** The weights of the rule at this priority, also on load balancers that the stack's own one replaces. Empty when no rule exists yet. */
  weights(place: RulePlace, priority: number): Promise<Weights>;
  weightsOfRule(ruleArn: string): Promise<Weights>;
  /** Keeps all other actions of the rule. */
  setWeights(ruleArn: string, weights: Weights): Promise<void>;
}

/** Loads the SDK at the first call; a preview makes none. */
export function loadBalancerApi(connection: AwsConnection): LoadBalancerApi {
  const client = once(async () => {
    const { ElasticLoadBalancingV2Client } = await import("@aws-sdk/client-elastic-load-balancing-v2");
    return new ElasticLoadBalancingV2Client(await clientConfig(connection, "elbv2"));
  });
  const ask = <T>(question: (elb: ElasticLoadBalancingV2Client) => Promise<T>) =>
    asking("Elastic Load Balancing", async () => question(await client()));
  return {
    healthyTargets: (arn) => ask((elb) => healthyTargets(elb, arn)),
    weights: async (place, priority) => {
      if ("listenerArn" in place) {
        return ask(async (elb) => weightsIn(await actionsAt(elb, place.listenerArn, priority)));
      }
      const arns = await ask((elb) => withReplaced(elb, place.loadBalancerArn));
      const found = await Promise.all(arns.map((arn) => ask((elb) => weights(elb, arn, priority).catch(ofNone))));
      return Object.assign({}, ...found);
    },
    weightsOfRule: (ruleArn) => ask(async (elb) => weightsIn(await actionsOf(elb, ruleArn))),
    setWeights: (ruleArn, declared) => ask((elb) => setWeights(elb, ruleArn, declared)),
  };
}

/** A rule of a listener, by its priority. */
export interface FoundRule {
  readonly arn: string;
  readonly priority: number;
}

/** The rules of a listener without its default action. */
export async function listenerRules(connection: AwsConnection, ListenerArn: string): Promise<readonly FoundRule[]> {
  const { ElasticLoadBalancingV2Client, paginateDescribeRules } = await import(
    "@aws-sdk/client-elastic-load-balancing-v2"
  );
  const client = new ElasticLoadBalancingV2Client(await clientConfig(connection, "elbv2"));
  const found: FoundRule[] = [];
  for await (const { Rules = [] } of paginateDescribeRules({ client }, { ListenerArn })) {
    const own = Rules.filter(({ IsDefault }) => !IsDefault);
    found.push(...own.map(({ RuleArn = "", Priority }) => ({ arn: RuleArn, priority: Number(Priority) })));
  }
  return found;
}

/**
 * All load balancers of a stack have its security group. The state does not show which one has the traffic: readStackResourceOutputs of
 * the engine leaves out resources that are pending deletion, such as the old load balancer after an interrupted update.
 */
async function withReplaced(client: ElasticLoadBalancingV2Client, arn: string): Promise<string[]> {
  const { paginateDescribeLoadBalancers } = await import("@aws-sdk/client-elastic-load-balancing-v2");
  const all: LoadBalancer[] = [];
  for await (const { LoadBalancers = [] } of paginateDescribeLoadBalancers({ client }, {})) all.push(...LoadBalancers);
  const own = all.find(({ LoadBalancerArn }) => LoadBalancerArn === arn)?.SecurityGroups ?? [];
  const sharing = all.filter(({ SecurityGroups = [] }) => SecurityGroups.some((group) => own.includes(group)));
  return [...new Set([arn, ...sharing.map(({ LoadBalancerArn = "" }) => LoadBalancerArn)])];
}

/** A load balancer that was deleted outside of Pulumi has no traffic. */
function ofNone(error: unknown): Weights {
  if (error instanceof Error && error.name === "LoadBalancerNotFoundException") return {};
  throw error;
}

async function healthyTargets(elb: ElasticLoadBalancingV2Client, TargetGroupArn: string): Promise<number> {
  const { DescribeTargetHealthCommand } = await import("@aws-sdk/client-elastic-load-balancing-v2");
  const { TargetHealthDescriptions = [] } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
  return TargetHealthDescriptions.filter(({ TargetHealth }) => TargetHealth?.State === "healthy").length;
}

/** Reads all listeners: in an update that adds a domain, the old listener still has the traffic. */
async function weights(client: ElasticLoadBalancingV2Client, LoadBalancerArn: string, priority: number) {
  const { paginateDescribeListeners } = await import("@aws-sdk/client-elastic-load-balancing-v2");
  const found: Record<string, number> = {};
  for await (const { Listeners = [] } of paginateDescribeListeners({ client }, { LoadBalancerArn })) {
    for (const { ListenerArn = "" } of Listeners) {
      const ofListener = weightsIn(await actionsAt(client, ListenerArn, priority));
      for (const [group, weight] of Object.entries(ofListener)) found[group] = Math.max(weight, found[group] ?? 0);
    }
  }
  return found;
}

async function actionsAt(client: ElasticLoadBalancingV2Client, ListenerArn: string, priority: number) {
  const { paginateDescribeRules } = await import("@aws-sdk/client-elastic-load-balancing-v2");
  for await (const { Rules = [] } of paginateDescribeRules({ client }, { ListenerArn })) {
    const rule = Rules.find(({ Priority }) => Priority === String(priority));
    if (rule) return rule.Actions ?? [];
  }
  return [];
}

async function actionsOf(elb: ElasticLoadBalancingV2Client, ruleArn: string): Promise<Action[]> {
  const { DescribeRulesCommand } = await import("@aws-sdk/client-elastic-load-balancing-v2");
  const { Rules = [] } = await elb.send(new DescribeRulesCommand({ RuleArns: [ruleArn] }));
  return Rules[0]?.Actions ?? [];
}

/** As percentages: weights set by hand may be 1 and 0, which is 100 and 0. */
function weightsIn(actions: readonly Action[]): Weights {
  const groups = actions.flatMap(({ ForwardConfig }) => ForwardConfig?.TargetGroups ?? []);
  const total = groups.reduce((sum, { Weight = 0 }) => sum + Weight, 0);
  const share = (weight: number) => (total === 0 ? 0 : (weight * 100) / total);
  return Object.fromEntries(groups.map(({ TargetGroupArn = "", Weight = 0 }) => [TargetGroupArn, share(Weight)]));
}

async function setWeights(elb: ElasticLoadBalancingV2Client, RuleArn: string, declared: Weights): Promise<void> {
  const { ModifyRuleCommand } = await import("@aws-sdk/client-elastic-load-balancing-v2");
  const Actions = (await actionsOf(elb, RuleArn)).map((action) => withWeights(action, declared));
  await elb.send(new ModifyRuleCommand({ RuleArn, Actions }));
}

/**
 * ModifyRule replaces all actions. It takes no TargetGroupArn beside several groups, and DescribeRules never returns a client secret
 * (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_AuthenticateOidcActionConfig.html).
 */
function withWeights({ TargetGroupArn, ...action }: Action, declared: Weights): Action {
  const { AuthenticateOidcConfig: oidc, ForwardConfig } = action;
  if (oidc) return { ...action, AuthenticateOidcConfig: { ...oidc, UseExistingClientSecret: true } };
  if (action.Type !== "forward") return action;
  const TargetGroups = Object.entries(declared).map(([group, Weight]) => ({ TargetGroupArn: group, Weight }));
  return { ...action, ForwardConfig: { ...ForwardConfig, TargetGroups } };
}
