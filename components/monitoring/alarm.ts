import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { LogFormat } from "../core/container";
import type { Utilization } from "../core/deployment";

/** The resource that an alarm measures, in the order of docs/runbook.md. */
export const scopes = {
  variant: "each variant",
  servingVariant: "each variant with weight",
  replicas: "the replicas of each variant",
  loadBalancer: "the load balancer",
  url: "the domain",
  certificate: "the certificate",
  logs: "the logs",
} as const;

export type Scope = keyof typeof scopes;

/** One metric of the resource that the scope names. */
export interface Signal<Metric extends string = string> {
  readonly metric: Metric;
  readonly statistic: "Sum" | "Average" | "Minimum" | "Maximum" | "p99";
}

/** Lines of the log that match a filter pattern. Without a pattern for a format, containers of that format do not write the line. */
export interface LogSignal extends Signal {
  readonly statistic: "Sum";
  readonly patterns: Readonly<Partial<Record<LogFormat, string>>>;
}

type Signals<S extends Signal> = Readonly<Record<string, S>>;

/** A page wakes someone, through the composite alarm of its subject. A warning is for working hours. */
export type Urgency = "page" | "warning";

/** Numbers that the settings decide, for one variant or for a resource that all variants share. */
export interface Limits {
  readonly p99Seconds: number;
  readonly errorPercent: number;
  readonly loadBalancerErrors: number;
  /** The lowest minimum of any hour in which replicas run. */
  readonly fewestReplicas: number;
  readonly mostReplicas: number;
}

/** What an alarm measures, and what happens when it fires. */
type Kind =
  // A deployment is rolled back while one of these fires, so they exist before the service.
  | { readonly scope: "variant"; readonly signals: Signals<Signal>; readonly urgency: "page"; readonly rollsBack: true }
  | ({ readonly rollsBack: false } & (
      | { readonly scope: PlainScope; readonly signals: Signals<Signal>; readonly urgency: Urgency }
      | { readonly scope: "replicas"; readonly signals: Signals<Signal<keyof Utilization>>; readonly urgency: Urgency }
      | { readonly scope: "logs"; readonly signals: Signals<LogSignal>; readonly urgency: Urgency }
      // A stack has topics for warnings in its own region only.
      | { readonly scope: "url"; readonly signals: Signals<Signal>; readonly urgency: "page" }
    ));

type PlainScope = "variant" | "servingVariant" | "loadBalancer" | "certificate";

/** One entry of the catalogue in alarms.ts. */
export type Alarm = Kind & {
  /** Part of its name on AWS. */
  readonly name: string;
  /** CloudWatch metric maths over the signals. Without it there is one signal, compared as it is. */
  readonly formula?: { readonly label: string; readonly expression: string };
  readonly comparison: "above" | "below";
  readonly threshold: number | keyof Limits;
  /** All of them must breach. */
  readonly periods: number;
  readonly periodSeconds: number;
  readonly missingData: "breaching" | "notBreaching";
  /** When it fires. `span` is the periods in words. */
  readonly fires: (threshold: number, span: string) => string;
  readonly advice: string;
  /** Heading of docs/runbook.md. */
  readonly runbook: string;
};

export const thresholdOf = ({ threshold }: Alarm, limits: Limits): number =>
  typeof threshold === "number" ? threshold : limits[threshold];

export function firesWhen(alarm: Alarm, limits: Limits): string {
  const { periods, periodSeconds } = alarm;
  const minutes = (periods * periodSeconds) / 60;
  const span = periods === 1 ? `in ${minutes} minutes` : `for ${minutes} consecutive minutes`;
  return alarm.fires(thresholdOf(alarm, limits), span);
}

export const anchor = (heading: string) => `#${heading.toLowerCase().replaceAll(" ", "-")}`;

/** The text of the mail: when it fires, what to do first, where to read more. */
export function description(alarm: Alarm, limits: Limits, repository = homepage()): string {
  const folder = repository === undefined ? "" : `${repository.replace(/#.*/, "")}/blob/HEAD/`;
  return `${firesWhen(alarm, limits)}. ${alarm.advice} Runbook: ${folder}docs/runbook.md${anchor(alarm.runbook)}`;
}

/** The address of the repository. Without one, a mail names the file. */
function homepage(): string | undefined {
  const manifest: { homepage?: string } = JSON.parse(readFileSync(join(__dirname, "../../package.json"), "utf8"));
  return manifest.homepage;
}
