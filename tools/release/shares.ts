/** Variant -> its share of the traffic, in whole percent. */
export type Shares = Readonly<Record<string, number>>;

export const sum = (shares: Shares): number => Object.values(shares).reduce((total, share) => total + share, 0);

/** The variants that have more traffic at the end than at the beginning. */
export const gainersOf = (from: Shares, to: Shares): string[] =>
  Object.keys(to).filter((name) => (to[name] ?? 0) > (from[name] ?? 0));

/** The share of these variants together. */
export const shareOf = (names: readonly string[], shares: Shares): number =>
  names.reduce((total, name) => total + (shares[name] ?? 0), 0);

/** The shares when the gaining variants together have `percent`. Each side divides its part as it does at its own end of the move. */
export function sharesAt(from: Shares, to: Shares, percent: number): Shares {
  const gainers = gainersOf(from, to);
  const names = Object.keys({ ...from, ...to });
  const side = (of: readonly string[], ends: Shares, total: number) =>
    apportioned(Object.fromEntries(of.map((name) => [name, ends[name] ?? 0])), total);
  const losers = names.filter((name) => !gainers.includes(name));
  const found = { ...side(losers, from, 100 - percent), ...side(gainers, to, percent) };
  return Object.fromEntries(names.map((name) => [name, found[name] ?? 0]));
}

/** Divides a total in these proportions, in whole numbers: the largest remainders are rounded up. */
function apportioned(proportions: Shares, total: number): Shares {
  const whole = sum(proportions);
  if (whole === 0) return proportions;
  const exact = Object.entries(proportions).map(([name, part]) => ({ name, part: (part * total) / whole }));
  const missing = total - exact.reduce((rounded, { part }) => rounded + Math.floor(part), 0);
  const largest = [...exact].sort((one, other) => (other.part % 1) - (one.part % 1)).slice(0, missing);
  return Object.fromEntries(
    exact.map(({ name, part }) => [name, Math.floor(part) + (largest.some((one) => one.name === name) ? 1 : 0)]),
  );
}

export const areSame = (one: Shares, other: Shares): boolean =>
  Object.keys({ ...one, ...other }).every((name) => (one[name] ?? 0) === (other[name] ?? 0));

/** ecs 95 %, ecs-next 5 % */
export const show = (shares: Shares): string =>
  Object.entries(shares)
    .map(([name, share]) => `${name} ${share} %`)
    .join(", ") || "nothing";
