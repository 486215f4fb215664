import type { Item, Side } from "./line";

/** A resource as the program declares it. Of its inputs only plain values are read. */
export interface Declared {
  readonly type: string;
  readonly side: Side;
  readonly inputs: Readonly<Record<string, unknown>>;
}

export interface Period {
  readonly hours: number;
  readonly months: number;
}

type Rule = (resource: Declared, period: Period) => Item[];

const size = (value: unknown) => (Array.isArray(value) ? value.length : 0);
const record = (value: unknown) => (value ?? {}) as Readonly<Record<string, unknown>>;

const hourly =
  (item: string, price: Item["price"], what: string): Rule =>
  ({ side }, { hours }) => [
    {
      side,
      item,
      price,
      factors: [
        [1, what],
        [hours, "h"],
      ],
    },
  ];

const monthly =
  (item: string, price: Item["price"], what: string, count: (inputs: Declared["inputs"]) => number = () => 1): Rule =>
  ({ side, inputs }, { months }) => [
    {
      side,
      item,
      price,
      factors: [
        [count(inputs), what],
        [months, "month"],
      ],
    },
  ];

interface VpcInputs {
  readonly availabilityZoneNames: readonly string[];
  readonly natGateways: { readonly strategy: "None" | "Single" | "OnePerAz" };
  readonly vpcEndpointSpecs: readonly { readonly vpcEndpointType: string }[];
}

export const vpcOf = (inputs: Declared["inputs"]) => inputs as unknown as VpcInputs;

export const natGateways = ({ natGateways: { strategy }, availabilityZoneNames }: VpcInputs) =>
  ({ None: 0, Single: 1, OnePerAz: availabilityZoneNames.length })[strategy];

const vpc: Rule = ({ side, inputs }, { hours }) => {
  const own = vpcOf(inputs);
  const gateways = natGateways(own);
  const endpoints = own.vpcEndpointSpecs.filter(({ vpcEndpointType }) => vpcEndpointType === "Interface").length;
  const zones: [number, string] = [own.availabilityZoneNames.length, "zone"];
  return [
    {
      side,
      item: "NAT gateways",
      price: "nat",
      factors: [
        [gateways, "gateway"],
        [hours, "h"],
      ],
    },
    {
      side,
      item: "Addresses of NAT gateways",
      price: "ipv4",
      factors: [
        [gateways, "address"],
        [hours, "h"],
      ],
    },
    { side, item: "Interface endpoints", price: "endpoint", factors: [[endpoints, "endpoint"], zones, [hours, "h"]] },
  ];
};

const cluster: Rule = ({ side, inputs }, { hours }) => {
  const extended = record(inputs.upgradePolicy).supportType === "EXTENDED";
  const price = extended ? "eks-extended" : "eks-standard";
  return [
    {
      side,
      item: "EKS control plane",
      price,
      factors: [
        [1, "cluster"],
        [hours, "h"],
      ],
    },
  ];
};

/** AWS bills an alarm by the number of its metrics. */
const metricsOfAlarm = (inputs: Declared["inputs"]) =>
  Array.isArray(inputs.metricQueries) ? Math.max(1, inputs.metricQueries.filter(({ metric }) => metric).length) : 1;

/** The fixed price of each resource type, independent of requests. */
const rules: Readonly<Record<string, Rule>> = {
  "awsx:ec2:Vpc": vpc,
  "eks:index:Cluster": cluster,
  "aws:lb/loadBalancer:LoadBalancer": hourly("Load balancer", "alb", "balancer"),
  "aws:kms/key:Key": monthly("KMS key", "kms-key", "key"),
  "aws:cloudwatch/metricAlarm:MetricAlarm": monthly("Alarms", "alarm", "metric", metricsOfAlarm),
  // Target tracking creates two alarms, to scale out and to scale in.
  "aws:appautoscaling/policy:Policy": monthly("Alarms of scaling", "alarm", "metric", () => 2),
  "aws:cloudwatch/compositeAlarm:CompositeAlarm": monthly("Composite alarms", "composite-alarm", "alarm"),
  "aws:cloudwatch/dashboard:Dashboard": monthly("Dashboard", "dashboard", "dashboard"),
  "aws:route53/zone:Zone": monthly("Hosted zone", "route53-zone", "zone"),
  "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": monthly(
    "Hosted zone of internal names",
    "route53-zone",
    "zone",
  ),
  "aws:route53/healthCheck:HealthCheck": (resource, period) => [
    ...monthly("Health check", "route53-check", "check")(resource, period),
    ...monthly("Health check, HTTPS", "route53-check-option", "option")(resource, period),
  ],
  "aws:secretsmanager/secret:Secret": monthly("Secrets", "secret", "secret"),
  "aws:wafv2/webAcl:WebAcl": (resource, period) => [
    ...monthly("WAF", "waf-acl", "ACL")(resource, period),
    ...monthly("WAF rules", "waf-rule", "rule", ({ rules }) => size(rules))(resource, period),
  ],
};

/** An internal load balancer has no public address, and its responses do not leave to the internet. */
export const facesInternet = (declared: readonly Declared[]) =>
  declared.some(({ type, inputs }) => type === "aws:lb/loadBalancer:LoadBalancer" && inputs.internal !== true);

export const pricedTypes = Object.keys(rules);

/** One line for all of a kind: four alarms are one line of four metrics. */
export function fixedCosts(declared: readonly Declared[], period: Period): Item[] {
  const items = declared.flatMap((resource) => rules[resource.type]?.(resource, period) ?? []);
  const kinds = new Map<string, Item>();
  for (const item of items) {
    const kind = `${item.side} ${item.item} ${item.price}`;
    const same = kinds.get(kind);
    kinds.set(kind, same ? added(same, item) : item);
  }
  return [...kinds.values()].filter(({ factors: [count] }) => count && count[0] > 0);
}

function added(one: Item, other: Item): Item {
  const [[count, what] = [0, ""], ...rest] = one.factors;
  return { ...one, factors: [[count + (other.factors[0]?.[0] ?? 0), what], ...rest] };
}
