import { fires, type Rule, type Series } from "../../unit/support/synthetic-series";
import { type EmulatorEndpoint, sendRequest } from "./endpoint";

/** "metric statistic" -> its latest values, one for each minute. */
export type MetricValues = Readonly<Record<string, readonly number[]>>;

/** Metric values of the resource with these dimensions. */
export interface Measurements {
  readonly dimensions: Readonly<Record<string, string>>;
  readonly values: MetricValues;
}

interface AlarmQuery {
  readonly Id: string;
  readonly Expression?: string;
  readonly ReturnData?: boolean;
  readonly MetricStat?: {
    readonly Metric: {
      readonly Namespace: string;
      readonly MetricName: string;
      readonly Dimensions: readonly { readonly Name: string; readonly Value: string }[];
    };
    readonly Period: number;
    readonly Stat: string;
  };
}

interface StoredAlarm {
  readonly AlarmName: string;
  readonly StateValue: string;
  readonly Metrics: readonly AlarmQuery[];
  readonly Threshold: number;
  readonly ComparisonOperator: string;
  readonly DatapointsToAlarm: number;
  readonly EvaluationPeriods: number;
  readonly TreatMissingData: string;
}

/** Evaluates every stored alarm and sets its state, which the emulator does not do. */
export async function evaluateAlarms(emulator: EmulatorEndpoint, measured: Measurements): Promise<void> {
  for (const stored of await describe(emulator)) {
    const state = fires(ruleOf(stored), series(stored, measured)) ? "ALARM" : "OK";
    const input = { AlarmName: stored.AlarmName, StateValue: state, StateReason: "evaluated" };
    if (state !== stored.StateValue) await cloudWatch(emulator, "SetAlarmState", input);
  }
}

/** The names of the alarms in the state ALARM. */
export async function firing(emulator: EmulatorEndpoint): Promise<string[]> {
  const stored = await describe(emulator);
  return stored.filter(({ StateValue }) => StateValue === "ALARM").map(({ AlarmName }) => AlarmName);
}

async function describe(emulator: EmulatorEndpoint): Promise<StoredAlarm[]> {
  const { MetricAlarms } = await cloudWatch(emulator, "DescribeAlarms", {});
  // The alarms of target tracking have no queries.
  return (MetricAlarms as StoredAlarm[]).filter(({ Metrics }) => Metrics?.length > 0);
}

async function cloudWatch(emulator: EmulatorEndpoint, action: string, input: object) {
  const target = `GraniteServiceVersion20100801.${action}`;
  const headers = { "content-type": "application/x-amz-json-1.0", "x-amz-target": target };
  return JSON.parse(await sendRequest(emulator, "monitoring", { headers, body: JSON.stringify(input) }));
}

const comparisons: Readonly<Record<string, Rule["comparison"]>> = {
  GreaterThanThreshold: "above",
  LessThanThreshold: "below",
};

function ruleOf(stored: StoredAlarm): Rule {
  const watched = stored.Metrics.find(({ ReturnData }) => ReturnData !== false);
  const comparison = comparisons[stored.ComparisonOperator];
  if (!watched || !comparison) throw new Error(`cannot evaluate this alarm: ${JSON.stringify(stored)}`);
  return {
    signals: stored.Metrics.filter(({ MetricStat }) => MetricStat).map(({ Id }) => Id),
    expression: watched.Expression ?? watched.Id,
    comparison,
    threshold: stored.Threshold,
    breaches: stored.DatapointsToAlarm,
    periods: stored.EvaluationPeriods,
    missingData: stored.TreatMissingData === "breaching" ? "breaching" : "notBreaching",
  };
}

/** Values of each query. A query matches only with the right metric, statistic, period of a minute and every dimension. */
function series({ Metrics }: StoredAlarm, measured: Measurements): Series {
  const found = Metrics.flatMap(({ Id, MetricStat }) => {
    if (MetricStat?.Period !== 60) return [];
    const { Namespace, MetricName, Dimensions } = MetricStat.Metric;
    const dimensions = Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value]));
    const matches = Namespace === "AWS/ApplicationELB" && sameEntries(dimensions, measured.dimensions);
    const values = measured.values[`${MetricName} ${MetricStat.Stat}`];
    return matches && values ? [[Id, values] as const] : [];
  });
  return Object.fromEntries(found);
}

const sameEntries = (one: object, other: object) =>
  JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());
