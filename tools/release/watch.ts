import type { CloudWatchClient, MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import { type AwsConnection, clientConfig, once } from "../../components/aws/connection";
import { loadBalancerApi } from "../../components/aws/elb";
import type { SizingMetrics } from "../../components/monitoring/dashboard";
import { type DeployedStack, outputsIn } from "../stack/deployed";
import type { Reading } from "./bake";

/** What of a variant is watched. */
export interface Watched {
  readonly variant: string;
  readonly targetGroupArn: string;
  readonly alarmNames: readonly string[];
  /** Of the load balancer's metrics for its target group. */
  readonly dimensions: Readonly<Record<string, string>>;
}

export type Watch = (watched: readonly Watched[], since: Date) => Promise<Reading[]>;

/** The variants of a deployed stack that exist completely. */
export function watchedVariants(
  { outputs, resources }: Pick<DeployedStack, "outputs" | "resources">,
  root: string,
): Watched[] {
  const metrics = outputsIn(resources, "inference:aws:Observability")?.metrics as
    | Readonly<Record<string, SizingMetrics>>
    | undefined;
  const names = outputs.variants?.map(({ name }) => name) ?? [];
  return (outputs.variants ?? []).map(({ name, targetGroupArn = "" }) => ({
    variant: name,
    targetGroupArn,
    alarmNames: alarmsOf(name, names, resources, root),
    dimensions: metrics?.[name]?.latencySeconds.dimensions ?? {},
  }));
}

/** Alarms of the variant ecs start with inference-ecs, and so do those of ecs-next. */
function alarmsOf(
  variant: string,
  all: readonly string[],
  resources: DeployedStack["resources"],
  root: string,
): string[] {
  const startsWith = (urn: string, name: string) => urn.split("::").at(-1)?.startsWith(`${root}-${name}-`) ?? false;
  const longer = all.filter((name) => name !== variant && name.startsWith(`${variant}-`));
  return resources
    .filter(({ type, urn }) => type === "aws:cloudwatch/metricAlarm:MetricAlarm" && startsWith(urn, variant))
    .filter(({ urn }) => !longer.some((name) => startsWith(urn, name)))
    .flatMap(({ outputs }) => (typeof outputs?.name === "string" ? [outputs.name] : []));
}

/** Needs cloudwatch:DescribeAlarms, cloudwatch:GetMetricData and elasticloadbalancing:DescribeTargetHealth. */
export function watch(connection: AwsConnection): Watch {
  const balancer = loadBalancerApi(connection);
  const client = once(async () => {
    const { CloudWatchClient } = await import("@aws-sdk/client-cloudwatch");
    return new CloudWatchClient(await clientConfig(connection, "cloudwatch"));
  });
  return (watched, since) =>
    Promise.all(
      watched.map(async ({ variant, targetGroupArn, alarmNames, dimensions }) => {
        const [healthy, firing, counts] = await Promise.all([
          balancer.healthyTargets(targetGroupArn),
          client().then((cloudWatch) => firingAlarms(cloudWatch, alarmNames)),
          client().then((cloudWatch) => requestCounts(cloudWatch, dimensions, since)),
        ]);
        return { variant, healthy, firing, ...counts };
      }),
    );
}

async function firingAlarms(client: CloudWatchClient, AlarmNames: readonly string[]): Promise<string[]> {
  if (AlarmNames.length === 0) return [];
  const { DescribeAlarmsCommand } = await import("@aws-sdk/client-cloudwatch");
  const { MetricAlarms = [] } = await client.send(new DescribeAlarmsCommand({ AlarmNames: [...AlarmNames] }));
  return MetricAlarms.filter(({ StateValue }) => StateValue === "ALARM").map(({ AlarmName = "" }) => AlarmName);
}

const counted = {
  requests: ["RequestCount"],
  errors: ["HTTPCode_Target_5XX_Count", "TargetConnectionErrorCount"],
} as const;

/** The sums since then. CloudWatch has the counts of a minute one to three minutes later. */
async function requestCounts(client: CloudWatchClient, dimensions: Watched["dimensions"], since: Date) {
  const { paginateGetMetricData } = await import("@aws-sdk/client-cloudwatch");
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  const MetricDataQueries = Object.entries(counted).flatMap(([kind, metrics]) =>
    metrics.map((MetricName, index): MetricDataQuery => {
      const Metric = { Namespace: "AWS/ApplicationELB", MetricName, Dimensions };
      return { Id: `${kind}${index}`, MetricStat: { Metric, Period: 60, Stat: "Sum" } };
    }),
  );
  const found = { requests: 0, errors: 0 };
  // A period belongs to the query when it begins inside it.
  const StartTime = new Date(Math.floor(since.getTime() / 60_000) * 60_000);
  const span = { StartTime, EndTime: new Date() };
  for await (const { MetricDataResults = [] } of paginateGetMetricData({ client }, { ...span, MetricDataQueries }))
    for (const { Id = "", Values = [] } of MetricDataResults)
      found[Id.startsWith("requests") ? "requests" : "errors"] += Values.reduce((total, value) => total + value, 0);
  return found;
}
