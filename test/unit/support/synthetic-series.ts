import { runInNewContext } from "node:vm";
import { type Alarm, type Limits, thresholdOf } from "../../../components/monitoring/alarm";

/** Values of each signal, one for each period, oldest first and all up to now; undefined where CloudWatch has none. */
export type Series = Readonly<Record<string, readonly (number | undefined)[]>>;

type Value = number | undefined;

/** CloudWatch also reads a few periods before those of the rule, so that late data does not count as missing. */
const extraPeriods = 2;

/** The rule of an alarm, as CloudWatch stores it. */
export interface Rule extends Pick<Alarm, "comparison" | "periods" | "missingData"> {
  readonly signals: readonly string[];
  readonly expression: string;
  readonly threshold: number;
  readonly breaches: number;
}

export function ruleOf(alarm: Alarm, limits: Limits): Rule {
  const signals = Object.keys(alarm.signals);
  const [only = ""] = signals;
  const expression = alarm.formula?.expression ?? only;
  return { ...alarm, signals, expression, threshold: thresholdOf(alarm, limits), breaches: alarm.periods };
}

/** Whether the alarm is in the state ALARM at the end of the series, by the rules that CloudWatch documents. */
export function fires(rule: Rule, series: Series): boolean {
  const { signals, expression, comparison, threshold, breaches, periods, missingData } = rule;
  const length = Math.max(0, ...Object.values(series).map((values) => values.length));
  const range = Array.from({ length: Math.min(length, periods + extraPeriods) }, (_, ago) =>
    evaluate(expression, Object.fromEntries(signals.map((id) => [id, series[id]?.at(-1 - ago)]))),
  );
  const present = range.filter((point) => point !== undefined).slice(0, periods);
  const breaching = present.filter((point) => (comparison === "above" ? point > threshold : point < threshold));
  const filledIn = missingData === "breaching" ? periods - present.length : 0;
  return breaching.length + filledIn >= breaches;
}

const functions = {
  FILL: (value: Value, otherwise: number) => value ?? otherwise,
  IF: (condition: boolean, yes: Value, no: Value) => (condition ? yes : no),
};

/**
 * The expression that is deployed, not a copy of it: the metric maths that alarms use is JavaScript with these two functions. A missing
 * signal makes the point missing, unless FILL replaces it.
 */
function evaluate(expression: string, signals: Readonly<Record<string, Value>>): Value {
  const filled = [...expression.matchAll(/FILL\((\w+),/g)].map(([, id]) => id);
  const isMissing = Object.entries(signals).some(([id, value]) => value === undefined && !filled.includes(id));
  return isMissing ? undefined : Number(runInNewContext(expression, { ...signals, ...functions }));
}
