import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Account } from "../../../fakes/account";

interface Query {
  readonly Id: string;
  readonly MetricStat: {
    readonly Metric: {
      readonly MetricName: string;
      readonly Dimensions: readonly { readonly Name: string; readonly Value: string }[];
    };
  };
}

/** The value of every hour, by the metric. */
const values: Readonly<Record<string, number>> = {
  CPUUtilization: 20,
  CpuUtilized: 20,
  MemoryUtilization: 30,
  TargetResponseTime: 0.3,
  HealthyHostCount: 3,
  RunningTaskCount: 3,
};
const hours = 48;

/** Which resource a dimension names. */
const dimensions: Readonly<Record<string, string>> = {
  ClusterName: "aws:ecs/cluster:Cluster",
  ServiceName: "aws:ecs/service:Service",
  TargetGroup: "aws:lb/targetGroup:TargetGroup",
  LoadBalancer: "aws:lb/loadBalancer:LoadBalancer",
};

/** What a test lets sound: a part of the alarms' names, and how often somebody has read the alarms since. */
const sounding = new WeakMap<Account, { readonly part: string; reads: number }>();

/** These alarms fire from the second time on that somebody reads alarms: after the update has begun to watch them. */
export function soundAlarms(account: Account, part: string): void {
  sounding.set(account, { part, reads: 0 });
}

export const silenceAlarms = (account: Account): boolean => sounding.delete(account);

/** As CloudWatch does, it returns no values for a resource that does not exist. */
export function answerCloudWatch(account: Account, action: string, body: string): unknown {
  if (action === "DescribeAlarms") return describeAlarms(account, JSON.parse(body).AlarmNames);
  if (action !== "GetMetricData") return { __type: "UnknownOperationException" };
  const { MetricDataQueries } = JSON.parse(body) as { MetricDataQueries: readonly Query[] };
  return {
    MetricDataResults: MetricDataQueries.map(({ Id, MetricStat: { Metric } }) => {
      const exists = Metric.Dimensions.every(({ Name, Value }) => isIn(account, dimensions[Name] ?? "", Value));
      const value = values[Metric.MetricName];
      return { Id, Values: exists && value !== undefined ? Array(hours).fill(value) : [] };
    }),
  };
}

const firingFile = (account: Account) => join(account.folder, "firing-alarms.json");

/** Alarms fire from now on whose names contain one of the texts. */
export function fireAlarms(account: Account, ...texts: readonly string[]): void {
  writeFileSync(firingFile(account), JSON.stringify(texts));
}

function describeAlarms(account: Account, asked: readonly string[]): unknown {
  const file = firingFile(account);
  const fired = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as string[]) : [];
  const sound = sounding.get(account);
  const firing = sound !== undefined && sound.reads++ > 0 ? [...fired, sound.part] : fired;
  const names = account.of("aws:cloudwatch/metricAlarm:MetricAlarm").map(({ outputs }) => String(outputs.name));
  const stateOf = (name: string) => (firing.some((text) => name.includes(text)) ? "ALARM" : "OK");
  return {
    MetricAlarms: names
      .filter((name) => asked.includes(name))
      .map((name) => ({ AlarmName: name, StateValue: stateOf(name) })),
  };
}

const isIn = (account: Account, type: string, value: string) =>
  value !== "" && account.of(type).some(({ id, inputs }) => id.endsWith(value) || inputs.name === value);
