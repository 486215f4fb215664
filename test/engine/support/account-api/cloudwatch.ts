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

/** As CloudWatch does, it returns no values for a resource that does not exist. */
export function answerCloudWatch(account: Account, action: string, body: string): unknown {
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

const isIn = (account: Account, type: string, value: string) =>
  value !== "" && account.of(type).some(({ id, inputs }) => id.endsWith(value) || inputs.name === value);
