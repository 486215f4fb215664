import { chartColours } from "../core/chart-colours";
import type { LogFormat } from "../core/container";
import { shortName } from "../core/short-name";
import { lineColours } from "../targets/colours";
import type { Line, Metric, Row, Search, Statistic } from "./widgets";

/** PutDashboard accepts letters, digits, - and _ only. */
export const dashboardName = (name: string, stack: string) => shortName(`${name}-${stack}`, 255, "identifier");

export interface DashboardVariant {
  readonly name: string;
  readonly target: string;
  readonly weight: number;
  readonly loadBalancer: string;
  readonly targetGroup: string;
  /** The metrics of its replicas. Those that the platform does not publish are absent. */
  readonly utilization: {
    readonly replicas?: Metric;
    readonly cpuPercent?: Metric;
    readonly memoryPercent?: Metric;
  };
}

export interface DashboardContent {
  readonly title: string;
  readonly variants: readonly DashboardVariant[];
  readonly logFormat: LogFormat;
  readonly alarmArns: readonly string[];
  /** Whether other services are behind the load balancer as well: its own errors are then also theirs. */
  readonly isShared?: boolean;
}

/** First what callers see, then what the replicas do. */
export function dashboard({ title, variants, logFormat, alarmArns, isShared = false }: DashboardContent): Row[] {
  const lines = (statistic: Statistic, metrics: (variant: DashboardVariant) => Line["metrics"], expression?: string) =>
    variants.map((variant) => ({ ...lineOf(variant, variants), statistic, metrics: metrics(variant), expression }));
  const latency = (statistic: Statistic) =>
    chart(
      `Latency, ${statistic}`,
      "seconds",
      lines(statistic, (variant) => ({ seconds: sizingMetrics(variant).latencySeconds })),
    );
  const share = lines(
    "Sum",
    behind({ errors: "HTTPCode_Target_5XX_Count", requests: "RequestCount" }),
    "100 * FILL(errors, 0) / requests",
  );
  const lastCharts = [
    ...(logFormat === "ours" ? [ownCounts, ownTimes] : []),
    ...(isShared ? [] : [balancerErrors(variants)]),
  ];
  return [
    {
      height: 2 + variants.length,
      widgets: [
        { kind: "text", markdown: introduction(title, variants) },
        { kind: "alarms", title: "Alarms", arns: alarmArns },
      ],
    },
    {
      height: 6,
      widgets: [
        chart("Requests", "per minute", lines("Sum", behind({ requests: "RequestCount" }))),
        chart("5xx responses", "% of requests", share),
        chart("Healthy replicas", "replicas", lines("Minimum", behind({ healthy: "HealthyHostCount" }))),
      ],
    },
    { height: 6, widgets: [latency("p50"), latency("p90"), latency("p99")] },
    { height: 6, widgets: utilizationCharts(variants) },
    ...(lastCharts.length > 0 ? [{ height: 6, widgets: lastCharts }] : []),
  ];
}

const chart = (title: string, unit: string, lines: readonly Line[]) => ({ kind: "chart", title, unit, lines }) as const;

function lineOf(variant: DashboardVariant, variants: readonly DashboardVariant[]) {
  const colours = lineColours(variants.map(({ target }) => target));
  return { label: variant.name, colour: colours[variants.indexOf(variant)] ?? chartColours.neutral };
}

/** A chart without any metric is left out. */
function utilizationCharts(variants: readonly DashboardVariant[]) {
  const lines = (used: keyof SizingMetrics) =>
    variants.flatMap((variant): Line[] => {
      const metric = sizingMetrics(variant)[used];
      return metric ? [{ ...lineOf(variant, variants), statistic: "Average", metrics: { used: metric } }] : [];
    });
  return [
    chart("Replicas", "replicas", lines("replicas")),
    chart("CPU", "% of a replica", lines("cpuPercent")),
    chart("Memory", "% of a replica", lines("memoryPercent")),
  ].filter((each) => each.lines.length > 0);
}

/** The metrics by which `npm run rightsize` judges the size of a replica. */
export interface SizingMetrics {
  readonly latencySeconds: Metric;
  readonly replicas: Metric;
  readonly cpuPercent?: Metric;
  readonly memoryPercent?: Metric;
}

/** Without a metric for running replicas, the healthy ones count. */
export function sizingMetrics(variant: DashboardVariant): SizingMetrics {
  const { replicas, cpuPercent, memoryPercent } = variant.utilization;
  return {
    latencySeconds: targetGroupMetric(variant, "TargetResponseTime"),
    replicas: replicas ?? targetGroupMetric(variant, "HealthyHostCount"),
    ...(cpuPercent && { cpuPercent }),
    ...(memoryPercent && { memoryPercent }),
  };
}

const targetGroupMetric = ({ loadBalancer, targetGroup }: DashboardVariant, metric: string): Metric => ({
  namespace: "AWS/ApplicationELB",
  metric,
  dimensions: { TargetGroup: targetGroup, LoadBalancer: loadBalancer },
});

const behind = (metrics: Readonly<Record<string, string>>) => (variant: DashboardVariant) =>
  Object.fromEntries(Object.entries(metrics).map(([id, metric]) => [id, targetGroupMetric(variant, metric)]));

function introduction(title: string, variants: readonly DashboardVariant[]): string {
  const rows = variants.map(
    ({ name, target, weight }) => `| ${name} | ${target} | ${weight} % | \`x-variant: ${name}\` |`,
  );
  return [`# ${title}`, "", "| variant | target | weight | header |", "|---|---|---|---|", ...rows].join("\n");
}

/** The container writes these metrics into its log, by model. It does not know its platform. */
const own = (metric: string, label: string, colour: string, statistic: Statistic): Search => ({
  label,
  colour,
  statistic,
  namespace: "Inference",
  dimensions: ["Model"],
  metric,
});

const ownCounts = {
  kind: "search",
  title: "Predictions, counted by the container",
  unit: "per minute",
  searches: [
    own("Predictions", "succeeded", chartColours.good, "Sum"),
    own("ClientErrors", "rejected: bad input", chartColours.neutral, "Sum"),
    own("Overloaded", "rejected: overloaded", chartColours.warning, "Sum"),
    own("Failures", "failed", chartColours.bad, "Sum"),
  ],
} as const;

const ownTimes = {
  kind: "search",
  title: "Time in the container",
  unit: "seconds",
  searches: [
    own("LatencySeconds", "latency, p99", chartColours.others[0], "p99"),
    own("QueueSeconds", "wait for a worker, p99", chartColours.warning, "p99"),
  ],
} as const;

function balancerErrors(variants: readonly DashboardVariant[]) {
  const dimensions = { LoadBalancer: variants[0]?.loadBalancer ?? "" };
  const line = (metric: string, label: string, colour: string): Line => ({
    label,
    colour,
    statistic: "Sum",
    metrics: { count: { namespace: "AWS/ApplicationELB", metric, dimensions } },
  });
  return {
    kind: "chart",
    title: "Errors of the load balancer",
    unit: "per minute",
    lines: [
      line("HTTPCode_ELB_5XX_Count", "5xx responses of its own", chartColours.bad),
      line("RejectedConnectionCount", "rejected connections", chartColours.neutral),
    ],
  } as const;
}
