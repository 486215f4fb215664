/** Where a value lies between 0 and the end of an axis, in percent. */
export type Scale = (value: number) => number;

export interface Tick {
  readonly value: number;
  readonly label: string;
}

export interface Axis {
  /** With its unit. */
  readonly title: string;
  /** In place of round numbers. */
  readonly ticks?: readonly Tick[];
  /** Counts things: no fractions. */
  readonly isCount?: boolean;
}

/** Round numbers from zero up to the highest value or the first one above it. */
export function roundTicks(highest: number, { isCount = false }: Pick<Axis, "isCount"> = {}, intervals = 6): Tick[] {
  const rough = Math.max(highest, 1e-9) / intervals;
  const power = 10 ** Math.floor(Math.log10(rough));
  const round = power * ([1, 2, 5].find((each) => each * power >= rough * (1 - 1e-9)) ?? 10);
  const step = isCount ? Math.max(1, round) : round;
  const count = Math.max(1, Math.ceil(highest / step - 1e-9));
  return Array.from({ length: count + 1 }, (_, index) => {
    const value = Number((index * step).toPrecision(6));
    return { value, label: value.toLocaleString("en-US", { maximumFractionDigits: 6 }) };
  });
}

/** From 0 to `end`, clamped to it. */
export const scaleTo =
  (end: number): Scale =>
  (value) =>
    Number(((Math.min(Math.max(value, 0), end) / end) * 100).toFixed(2));
