import {
  type Rule as DescribedRule,
  DescribeLoadBalancerAttributesCommand,
  DescribeTargetGroupAttributesCommand,
  type ElasticLoadBalancingV2Client,
  type Listener,
  paginateDescribeListeners,
  paginateDescribeLoadBalancers,
  paginateDescribeRules,
  paginateDescribeTargetGroups,
  type TargetGroup,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { type Rule, rulesOf, unsupported } from "./rules";

const algorithms = ["round_robin", "least_outstanding_requests"] as const;
type Algorithm = (typeof algorithms)[number];
const isAlgorithm = (name: string): name is Algorithm => algorithms.some((known) => known === name);

/** What a target group holds, in plain values that can be compared. */
export interface GroupSettings {
  readonly algorithm: Algorithm;
  readonly deregistrationMs: number;
  readonly stickySeconds: number | undefined;
  /** With fewer healthy targets, requests go to all of them. */
  readonly minimumHealthy: number;
  /** Absent while no listener uses the group: AWS checks only targets of a group in use. */
  readonly check: HealthCheck | undefined;
}

export interface HealthCheck {
  readonly path: string;
  /** Absent: the port of the target. */
  readonly port: number | undefined;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly passesNeeded: number;
  readonly failuresAllowed: number;
  /** Such as `200` or `200-299,304`. */
  readonly codes: string;
}

export interface Configuration {
  /** Of the listener, as clients of AWS reach it. */
  readonly port: number;
  readonly idleMs: number;
  readonly dropsInvalidHeaders: boolean;
  /** By priority, the default action last. Empty while there is no listener. */
  readonly rules: readonly Rule[];
  readonly groups: ReadonlyMap<string, GroupSettings>;
}

type Attributes = Readonly<Record<string, string | undefined>>;

/** Serves the first HTTP listener of the first load balancer; groups of all listeners count as used. */
export async function readConfiguration(client: ElasticLoadBalancingV2Client): Promise<Configuration> {
  const [balancers, found] = await Promise.all([
    all(paginateDescribeLoadBalancers({ client }, {}), ({ LoadBalancers }) => LoadBalancers),
    all(paginateDescribeTargetGroups({ client }, {}), ({ TargetGroups }) => TargetGroups),
  ]);
  const arns = balancers.map(({ LoadBalancerArn = "" }) => LoadBalancerArn);
  const [attributes, listeners, ofGroups] = await Promise.all([
    balancerAttributes(client, arns[0]),
    Promise.all(arns.map((arn) => listenersOf(client, arn))),
    Promise.all(found.map(({ TargetGroupArn = "" }) => groupAttributes(client, TargetGroupArn))),
  ]);
  const served = listeners[0]?.find(({ listener }) => listener.Protocol === "HTTP");
  const used = new Set(listeners.flat().flatMap(({ rules }) => rules.flatMap(groupsOf)));
  const groups = found.map((group, index): [string, GroupSettings] => {
    const { TargetGroupArn: arn = "" } = group;
    return [arn, settingsOf(group, ofGroups[index] ?? {}, used.has(arn))];
  });
  return {
    port: served?.listener.Port ?? 80,
    // Defaults: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html
    idleMs: Number(attributes["idle_timeout.timeout_seconds"] ?? 60) * 1000,
    dropsInvalidHeaders: attributes["routing.http.drop_invalid_header_fields.enabled"] === "true",
    rules: served ? rulesOf(served.rules, served.listener) : [],
    groups: new Map(groups),
  };
}

async function listenersOf(client: ElasticLoadBalancingV2Client, LoadBalancerArn: string) {
  const listeners = await all(paginateDescribeListeners({ client }, { LoadBalancerArn }), ({ Listeners }) => Listeners);
  return Promise.all(listeners.map((listener) => withRules(client, listener)));
}

async function withRules(client: ElasticLoadBalancingV2Client, listener: Listener) {
  const pages = paginateDescribeRules({ client }, { ListenerArn: listener.ListenerArn });
  const rules = await all(pages, ({ Rules }) => Rules);
  return { listener, rules };
}

const groupsOf = ({ Actions = [] }: DescribedRule) =>
  Actions.flatMap(({ ForwardConfig, TargetGroupArn }) => [
    TargetGroupArn,
    ...(ForwardConfig?.TargetGroups ?? []).map((group) => group.TargetGroupArn),
  ]);

async function balancerAttributes(client: ElasticLoadBalancingV2Client, LoadBalancerArn?: string): Promise<Attributes> {
  if (LoadBalancerArn === undefined) return {};
  const { Attributes = [] } = await client.send(new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn }));
  return Object.fromEntries(Attributes.map(({ Key = "", Value }) => [Key, Value]));
}

async function groupAttributes(client: ElasticLoadBalancingV2Client, TargetGroupArn: string): Promise<Attributes> {
  const { Attributes = [] } = await client.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn }));
  return Object.fromEntries(Attributes.map(({ Key = "", Value }) => [Key, Value]));
}

/** Defaults: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html */
function settingsOf(group: TargetGroup, attributes: Attributes, used: boolean): GroupSettings {
  const algorithm = attributes["load_balancing.algorithm.type"] ?? "round_robin";
  if (!isAlgorithm(algorithm)) throw unsupported(`the algorithm ${algorithm}`);
  if (Number(attributes["slow_start.duration_seconds"] ?? 0) > 0) throw unsupported("slow start");
  const sticky = attributes["stickiness.enabled"] === "true";
  if (sticky && attributes["stickiness.type"] !== "lb_cookie") throw unsupported("stickiness by app_cookie");
  const minimum = attributes["target_group_health.unhealthy_state_routing.minimum_healthy_targets.count"];
  return {
    algorithm,
    deregistrationMs: Number(attributes["deregistration_delay.timeout_seconds"] ?? 300) * 1000,
    stickySeconds: sticky ? Number(attributes["stickiness.lb_cookie.duration_seconds"] ?? 86_400) : undefined,
    minimumHealthy: Number(minimum ?? 1),
    check: used ? healthCheckOf(group) : undefined,
  };
}

const healthCheckOf = (group: TargetGroup): HealthCheck => ({
  path: group.HealthCheckPath ?? "/",
  port: /^\d+$/.test(group.HealthCheckPort ?? "") ? Number(group.HealthCheckPort) : undefined,
  intervalMs: (group.HealthCheckIntervalSeconds ?? 30) * 1000,
  timeoutMs: (group.HealthCheckTimeoutSeconds ?? 5) * 1000,
  passesNeeded: group.HealthyThresholdCount ?? 5,
  failuresAllowed: group.UnhealthyThresholdCount ?? 2,
  codes: group.Matcher?.HttpCode ?? "200",
});

async function all<Page, Item>(pages: AsyncIterable<Page>, items: (page: Page) => Item[] | undefined): Promise<Item[]> {
  const found: Item[] = [];
  for await (const page of pages) found.push(...(items(page) ?? []));
  return found;
}
