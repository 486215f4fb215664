import type { Alarm } from "../../../components/monitoring/alarm";

/** Values of each signal, one for each period, oldest first and all up to now; undefined where CloudWatch has none. */
export type Series = Readonly<Record<string, readonly (number | undefined)[]>>;

type Value = number | undefined;
type Scope = Readonly<Record<string, Value>>;

/** CloudWatch looks a little further back than the periods of the rule, so that late data is not taken for missing. */
const extraPeriods = 2;

/** Of an alarm, what decides whether it fires. */
export type Judged = Pick<Alarm, "expression" | "comparison" | "threshold" | "breaches" | "periods" | "missingData"> & {
  readonly signals: readonly { readonly id: string }[];
};

/** Whether the alarm is in the state ALARM at the end of the series, by the rules that CloudWatch documents. */
export function fires(alarm: Judged, series: Series): boolean {
  const length = Math.max(0, ...Object.values(series).map((values) => values.length));
  const points = Array.from({ length }, (_, at) =>
    evaluate(alarm.expression, Object.fromEntries(alarm.signals.map(({ id }) => [id, series[id]?.at(at - length)]))),
  );
  const range = points.slice(-(alarm.periods + extraPeriods));
  const present = range.filter((point) => point !== undefined).slice(-alarm.periods);
  const breaching = present.filter((point) =>
    alarm.comparison === "above" ? point > alarm.threshold : point < alarm.threshold,
  ).length;
  const filledIn = alarm.missingData === "breaching" ? alarm.periods - present.length : 0;
  return breaching + filledIn >= alarm.breaches;
}

/** CloudWatch metric maths, as far as alarms here use it: a value that is missing makes all that is computed from it missing. */
export function evaluate(expression: string, scope: Scope): Value {
  const tokens = expression.match(/\d+(?:\.\d+)?|[A-Za-z_]\w*|>=|<=|==|[-+*/()<>,]/g) ?? [];
  let position = 0;
  const peek = () => tokens[position];
  const take = (expected?: string) => {
    const token = tokens[position++];
    if (token === undefined || (expected !== undefined && token !== expected))
      throw new Error(`"${expression}" has ${token ?? "its end"} where ${expected ?? "more"} is expected`);
    return token;
  };
  const chain = (operand: () => Value, operators: Readonly<Record<string, (a: number, b: number) => number>>) => () => {
    let left = operand();
    for (let apply = operators[peek() ?? ""]; apply; apply = operators[peek() ?? ""]) {
      take();
      const right = operand();
      left = left === undefined || right === undefined ? undefined : apply(left, right);
    }
    return left;
  };
  const primary = (): Value => {
    const token = take();
    if (token === "(") return closed(comparison());
    if (token === "-") {
      const value = primary();
      return value === undefined ? undefined : -value;
    }
    if (/^\d/.test(token)) return Number(token);
    if (peek() === "(") return call(token, list());
    if (!(token in scope)) throw new Error(`"${expression}" names ${token}, which is not one of its signals`);
    return scope[token];
  };
  const product = chain(primary, { "*": (a, b) => a * b, "/": (a, b) => a / b });
  const sum = chain(product, { "+": (a, b) => a + b, "-": (a, b) => a - b });
  const comparison = chain(sum, {
    ">=": (a, b) => Number(a >= b),
    "<=": (a, b) => Number(a <= b),
    "==": (a, b) => Number(a === b),
    ">": (a, b) => Number(a > b),
    "<": (a, b) => Number(a < b),
  });
  const closed = (value: Value) => {
    take(")");
    return value;
  };
  const list = (): Value[] => {
    take("(");
    const values = [comparison()];
    while (peek() === ",") {
      take();
      values.push(comparison());
    }
    take(")");
    return values;
  };
  const value = comparison();
  if (position < tokens.length) throw new Error(`"${expression}" goes on after its end: ${peek()}`);
  return value;
}

function call(name: string, values: readonly Value[]): Value {
  const [first, second, third] = values;
  if (name === "FILL" && values.length === 2) return first ?? second;
  if (name === "IF" && values.length === 3) return first === undefined ? undefined : first ? second : third;
  throw new Error(`${name} of ${values.length} values is not known here`);
}
