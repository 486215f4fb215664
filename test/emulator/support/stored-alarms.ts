import { fires, type Judged, type Series } from "../../unit/support/synthetic-series";
import { type Asked, ask } from "./account";

/** "metric statistic" -> its newest values, one a minute. */
export type Measured = Readonly<Record<string, readonly number[]>>;

/** What CloudWatch has measured, and on which of the account's things. */
export interface Measurements {
  readonly dimensions: Readonly<Record<string, string>>;
  readonly values: Measured;
}

interface Query {
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

interface Stored {
  readonly AlarmName: string;
  readonly StateValue: string;
  readonly Metrics: readonly Query[];
  readonly Threshold: number;
  readonly ComparisonOperator: string;
  readonly DatapointsToAlarm: number;
  readonly EvaluationPeriods: number;
  readonly TreatMissingData: string;
}

/** CloudWatch's part, which the emulator leaves out: looks at every alarm as it is stored, and keeps what comes of it. */
export async function evaluateAlarms(emulator: Asked, measured: Measurements): Promise<void> {
  for (const stored of await describe(emulator)) {
    const state = fires(judged(stored), series(stored, measured)) ? "ALARM" : "OK";
    const input = { AlarmName: stored.AlarmName, StateValue: state, StateReason: "evaluated" };
    if (state !== stored.StateValue) await cloudWatch(emulator, "SetAlarmState", input);
  }
}

/** The names of the alarms in the state ALARM. */
export async function firing(emulator: Asked): Promise<string[]> {
  const stored = await describe(emulator);
  return stored.filter(({ StateValue }) => StateValue === "ALARM").map(({ AlarmName }) => AlarmName);
}

async function describe(emulator: Asked): Promise<Stored[]> {
  const { MetricAlarms } = await cloudWatch(emulator, "DescribeAlarms", {});
  // Those that scaling makes for itself have no queries.
  return (MetricAlarms as Stored[]).filter(({ Metrics }) => Metrics?.length > 0);
}

async function cloudWatch(emulator: Asked, action: string, input: object) {
  const target = `GraniteServiceVersion20100801.${action}`;
  const headers = { "content-type": "application/x-amz-json-1.0", "x-amz-target": target };
  return JSON.parse(await ask(emulator, "monitoring", { headers, body: JSON.stringify(input) }));
}

const comparisons: Readonly<Record<string, Judged["comparison"]>> = {
  GreaterThanThreshold: "above",
  LessThanThreshold: "below",
};

function judged(stored: Stored): Judged {
  const watched = stored.Metrics.find(({ ReturnData }) => ReturnData !== false);
  const comparison = comparisons[stored.ComparisonOperator];
  if (!watched || !comparison) throw new Error(`nobody here evaluates ${JSON.stringify(stored)}`);
  return {
    signals: stored.Metrics.filter(({ MetricStat }) => MetricStat).map(({ Id }) => ({ id: Id })),
    expression: watched.Expression ?? watched.Id,
    comparison,
    threshold: stored.Threshold,
    breaches: stored.DatapointsToAlarm,
    periods: stored.EvaluationPeriods,
    missingData: stored.TreatMissingData === "breaching" ? "breaching" : "notBreaching",
  };
}

/** What each query finds: nothing, unless it names the metric, the statistic, the minute and every dimension. */
function series({ Metrics }: Stored, measured: Measurements): Series {
  const found = Metrics.flatMap(({ Id, MetricStat }) => {
    if (MetricStat?.Period !== 60) return [];
    const { Namespace, MetricName, Dimensions } = MetricStat.Metric;
    const asked = Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value]));
    const isMeant = Namespace === "AWS/ApplicationELB" && sameEntries(asked, measured.dimensions);
    const values = measured.values[`${MetricName} ${MetricStat.Stat}`];
    return isMeant && values ? [[Id, values] as const] : [];
  });
  return Object.fromEntries(found);
}

const sameEntries = (one: object, other: object) =>
  JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());
