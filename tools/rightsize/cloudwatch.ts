import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { dashboardName } from "../../components/monitoring/dashboard";
import { zonesOf } from "../../components/pricing";
import type { Settings } from "../../components/settings";
import { isAwsTarget } from "../../components/targets";
import { UserError } from "../cli/user-error";
import type { Observed, Recording } from "./recording";

/** Asks CloudWatch one thing. */
export type Ask = (args: readonly string[]) => Promise<unknown>;

const run = promisify(execFile);
const limitMs = 120_000;

/** Through the AWS CLI, with its credentials. */
export const askAws =
  (region: string): Ask =>
  async (args) => {
    try {
      const command = ["cloudwatch", ...args, "--region", region, "--output", "json"];
      const { stdout } = await run("aws", command, { timeout: limitMs, maxBuffer: 64 * 1024 * 1024 });
      return JSON.parse(stdout);
    } catch (error) {
      const { code, killed, stderr } = error as { code?: unknown; killed?: boolean; stderr?: string };
      if (code === "ENOENT")
        throw new UserError("There is no AWS CLI on PATH; with a recording (--from) none is needed.");
      if (killed) throw new UserError(`CloudWatch gave no answer in ${limitMs / 1000} s`);
      throw new UserError(`aws cloudwatch ${args[0]} failed:\n${stderr?.trim() || String(error)}`);
    }
  };

/** Charts of the dashboard that say what is asked, and how an hour of them is summed up. */
const charts = {
  cpuPercent: { title: "CPU", statistic: "Average" },
  memoryPercent: { title: "Memory", statistic: "Maximum" },
  p99Seconds: { title: "Latency, p99", statistic: "p99" },
  replicas: { title: "Replicas", statistic: "Average" },
} as const;
type Measure = keyof typeof charts;

interface Body {
  readonly widgets: readonly {
    readonly properties: { readonly title?: string; readonly metrics?: readonly unknown[][] };
  }[];
}

/** The dashboard of the stack names every metric with its dimensions, whichever platform it is of. */
export async function record(settings: Settings, days: number, ask: Ask, now = new Date()): Promise<Recording> {
  const named = dashboardName(settings.name, settings.stack);
  const { DashboardBody } = (await ask(["get-dashboard", "--dashboard-name", named])) as {
    DashboardBody: string;
  };
  const shown = JSON.parse(DashboardBody) as Body;
  const variants = settings.model.variants.flatMap(({ name, target }) =>
    isAwsTarget(target) ? [{ name, target }] : [],
  );
  const queries = variants.flatMap(({ name }, index) => queriesFor(shown, name, index));
  const span = [
    "--start-time",
    new Date(now.getTime() - days * 86_400_000).toISOString(),
    "--end-time",
    now.toISOString(),
  ];
  const answer = await ask(["get-metric-data", ...span, "--metric-data-queries", JSON.stringify(queries)]);
  const { MetricDataResults } = answer as { MetricDataResults: readonly { Id: string; Values: number[] }[] };
  const values = (measure: Measure, index: number) =>
    MetricDataResults.find(({ Id }) => Id === idOf(measure, index))?.Values ?? [];
  const observed = variants.map(
    ({ name, target }, index): Observed => ({
      name,
      target,
      cpuPercent: values("cpuPercent", index),
      memoryPercent: values("memoryPercent", index),
      p99Seconds: values("p99Seconds", index),
      replicas: values("replicas", index),
    }),
  );
  return { ...declaredBy(settings), days, variants: observed };
}

const idOf = (measure: Measure, index: number) => `${measure}${index}`;

function queriesFor({ widgets }: Body, variant: string, index: number) {
  return (Object.keys(charts) as Measure[]).map((measure) => {
    const { title, statistic } = charts[measure];
    const lines = widgets.find(({ properties }) => properties.title === title)?.properties.metrics ?? [];
    const line = lines.find((parts) => (parts.at(-1) as { label?: string }).label === variant);
    if (!line)
      throw new UserError(
        `The dashboard has no ${title} of ${variant}. Run pulumi up first. On EKS nothing measures pods while insights is off: pulumi config set insights standard`,
      );
    const [Namespace, MetricName, ...pairs] = line.slice(0, -1) as string[];
    const Dimensions = pairs.flatMap((Name, at) => (at % 2 === 0 ? [{ Name, Value: pairs[at + 1] }] : []));
    const MetricStat = { Metric: { Namespace, MetricName, Dimensions }, Period: 3600, Stat: statistic };
    return { Id: idOf(measure, index), MetricStat };
  });
}

function declaredBy({ stack, region, architecture, cpu, memory, scaling, alarms, spot, network }: Settings) {
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
  };
}
