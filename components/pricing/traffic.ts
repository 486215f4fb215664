import { awsTargets, type PerTarget } from "../targets";
import { type Declared, facesInternet, natGateways, type Period, vpcOf } from "./fixed-costs";
import type { Item, Side } from "./line";
import { type Inference, measured, ourInference } from "./workload";

export type Shares = PerTarget<number>;

export interface Traffic {
  readonly requestsPerSecond: number;
  /** Each target's share of the requests. */
  readonly shares: Shares;
}

const bytesPerGb = 1e9;
const newConnectionsPerLcu = 25;

/** The price of the requests, in proportion to their number. */
export function traffic(
  declared: readonly Declared[],
  { requestsPerSecond, shares }: Traffic,
  period: Period,
  inference: Inference = ourInference,
): Item[] {
  const requests = requestsPerSecond * 3600 * period.hours;
  if (requests === 0) return [];
  const has = (type: string) => declared.some((resource) => resource.type === type);
  const responses: Item = {
    side: "shared",
    item: "Responses to the internet",
    price: "transfer-out",
    factors: [[(requests * inference.responseBytes) / bytesPerGb, "GB"]],
  };
  const inspected: Item = {
    side: "shared",
    item: "WAF requests",
    price: "waf-requests",
    factors: [[requests / 1e6, "(million)"]],
  };
  const logs = awsTargets.flatMap(({ name }) => logLines(declared, name, requests * shares[name], period));
  return [
    capacityUnits(requestsPerSecond, period, inference),
    ...(facesInternet(declared) ? [responses] : []),
    ...accessLogs(declared, requests, period),
    ...(has("aws:wafv2/webAcl:WebAcl") ? [inspected] : []),
    ...logs,
  ];
}

/** The load balancer bills the largest of its measures; with photos that is the bytes. Every request is taken to open a connection. */
function capacityUnits(requestsPerSecond: number, { hours }: Period, { requestBytes, responseBytes }: Inference): Item {
  const gbPerHour = (requestsPerSecond * 3600 * (requestBytes + responseBytes)) / bytesPerGb;
  const units = Math.max(requestsPerSecond / newConnectionsPerLcu, gbPerHour);
  return {
    side: "shared",
    item: "Load balancer, capacity",
    price: "alb-lcu",
    factors: [
      [units, "LCU"],
      [hours, "h"],
    ],
  };
}

const daysPerMonth = 30;

/** A line for each request in a bucket, until it expires. AWS does not charge for writing them. */
function accessLogs(declared: readonly Declared[], requests: number, { months }: Period): Item[] {
  const lifecycle = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration";
  const rules = declared.find(({ type }) => type === lifecycle)?.inputs.rules;
  const [rule] = Array.isArray(rules) ? rules : [];
  if (!rule) return [];
  const gbPerMonth = (requests * measured.accessLogBytes.value) / bytesPerGb / months;
  const kept = gbPerMonth * (Number(rule.expiration.days) / daysPerMonth);
  return [
    {
      side: "shared",
      item: "Access logs, kept",
      price: "s3",
      factors: [
        [kept, "GB"],
        [months, "month"],
      ],
    },
  ];
}

/** A line for each answer, where the platform keeps its logs; kept to the end of their retention. */
function logLines(declared: readonly Declared[], side: Side, requests: number, period: Period): Item[] {
  const group = declared.find(({ type, side: of }) => type === "aws:cloudwatch/logGroup:LogGroup" && of === side);
  if (!group || requests === 0) return [];
  const gb = (requests * measured.logBytes.value) / bytesPerGb;
  const keptMonths = Number(group.inputs.retentionInDays ?? 0) / daysPerMonth;
  const kept = (gb / period.months) * keptMonths;
  const vpc = declared.find(({ type }) => type === "awsx:ec2:Vpc");
  const throughNat = vpc && natGateways(vpcOf(vpc.inputs)) > 0;
  return [
    { side, item: "Logs, ingestion", price: "logs-ingestion", factors: [[gb, "GB"]] },
    {
      side,
      item: "Logs, kept",
      price: "logs-storage",
      factors: [
        [kept, "GB"],
        [period.months, "month"],
      ],
    },
    ...(throughNat ? [{ side, item: "Logs through NAT", price: "nat-gb", factors: [[gb, "GB"]] } as const] : []),
  ];
}
