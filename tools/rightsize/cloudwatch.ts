import type { MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import { type AwsConnection, clientConfig } from "../../components/aws/connection";
import { widestBounds } from "../../components/core/schedule";
import type { SizingMetrics } from "../../components/monitoring/dashboard";
import { zonesOf } from "../../components/pricing";
import type { Settings } from "../../components/settings";
import { isAwsTarget } from "../../components/targets";
import { UserError } from "../cli/user-error";
import { type DeployedStack, outputsIn, titleOf } from "../stack/deployed";
import type { Observed, Recording } from "./recording";

/** The time range of a CloudWatch query. */
export interface Span {
  readonly StartTime: Date;
  readonly EndTime: Date;
}

/** Returns the values of each query by its id; hours without a value are left out. */
export type ReadMetrics = (queries: MetricDataQuery[], span: Span) => Promise<ReadonlyMap<string, readonly number[]>>;

/** Needs cloudwatch:GetMetricData. */
export const metricReader =
  (connection: AwsConnection): ReadMetrics =>
  async (MetricDataQueries, span) => {
    const { CloudWatchClient, paginateGetMetricData } = await import("@aws-sdk/client-cloudwatch");
    const client = new CloudWatchClient(await clientConfig(connection, "cloudwatch"));
    const found = new Map<string, number[]>();
    for await (const { MetricDataResults = [] } of paginateGetMetricData({ client }, { ...span, MetricDataQueries }))
      for (const { Id = "", Values = [] } of MetricDataResults) found.set(Id, [...(found.get(Id) ?? []), ...Values]);
    return found;
  };

/** The metrics of a recording, with the statistic for an hour. */
const measures = {
  cpuPercent: { metric: "cpuPercent", statistic: "Average" },
  memoryPercent: { metric: "memoryPercent", statistic: "Maximum" },
  p99Seconds: { metric: "latencySeconds", statistic: "p99" },
  replicas: { metric: "replicas", statistic: "Average" },
} as const;
type Measure = keyof typeof measures;

export async function record(
  stack: DeployedStack,
  settings: Settings,
  days: number,
  read: ReadMetrics = metricReader(stack.connection),
): Promise<Recording> {
  const variants = settings.model.variants.flatMap(({ name, target }) =>
    isAwsTarget(target) ? [{ name, target, metrics: metricsOf(stack, name) }] : [],
  );
  const queries = variants.flatMap(({ metrics }, index) => queriesFor(metrics, index));
  const now = new Date();
  const values = await read(queries, { StartTime: new Date(now.getTime() - days * 86_400_000), EndTime: now });
  const observed = variants.map(({ name, target }, index): Observed => {
    const of = (measure: Measure) => values.get(idOf(measure, index)) ?? [];
    const [cpuPercent, memoryPercent] = [of("cpuPercent"), of("memoryPercent")];
    return { name, target, cpuPercent, memoryPercent, p99Seconds: of("p99Seconds"), replicas: of("replicas") };
  });
  return { ...declaredBy(settings), days, variants: observed };
}

/** The program stores them in the state. Its dashboard shows the same metrics. */
function metricsOf(stack: DeployedStack, variant: string): Required<SizingMetrics> {
  const all = outputsIn(stack.resources, "inference:aws:Observability")?.metrics as
    | Readonly<Record<string, SizingMetrics>>
    | undefined;
  const found = all?.[variant];
  if (found === undefined) throw new UserError(`${titleOf(stack)} does not run ${variant}. Deploy it: pulumi up`);
  const { cpuPercent, memoryPercent } = found;
  if (cpuPercent && memoryPercent) return { ...found, cpuPercent, memoryPercent };
  throw new UserError(
    `${titleOf(stack)} has no CPU and memory metrics of ${variant}, because insights is off. Turn it on:\n` +
      "  pulumi config set insights standard && pulumi up",
  );
}

const idOf = (measure: Measure, index: number) => `${measure}${index}`;

const queriesFor = (metrics: Required<SizingMetrics>, index: number): MetricDataQuery[] =>
  (Object.keys(measures) as Measure[]).map((measure) => {
    const { namespace, metric, dimensions } = metrics[measures[measure].metric];
    const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
    const Metric = { Namespace: namespace, MetricName: metric, Dimensions };
    return {
      Id: idOf(measure, index),
      MetricStat: { Metric, Period: 3600, Stat: measures[measure].statistic },
    };
  });

function declaredBy(settings: Settings) {
  const { stack, region, architecture, cpu, memory, scaling, alarms, spot, replicas, schedule, network, eks } =
    settings;
  return {
    stack,
    region,
    zones: zonesOf(network),
    architecture,
    cpuUnits: cpu,
    memoryMiB: memory,
    cpuTargetPercent: scaling.cpuPercent,
    p99LimitSeconds: alarms.p99Seconds,
    spot,
    bounds: widestBounds(replicas, Object.values(schedule)),
    nodeCpu: eks.cpu,
  };
}
