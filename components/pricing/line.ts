import type { AwsTargetName } from "../targets";
import type { Period } from "./fixed-costs";
import { type Price, type PriceKey, priceIn } from "./table";

/** The owner of a cost: shared by all targets, or one target. */
export type Side = "shared" | AwsTargetName;

/** One line of the bill: the item, its formula and the source of the price. */
export interface Line extends Pick<Price, "key" | "source" | "assumed" | "dated" | "lookedUp"> {
  readonly side: Side;
  readonly item: string;
  readonly usd: number;
  readonly formula: string;
}

/** How many, and of what. */
export type Factor = readonly [count: number, singular: string];

export interface Item {
  readonly side: Side;
  readonly item: string;
  readonly price: PriceKey;
  readonly factors: readonly Factor[];
}

export const hoursPerMonth = 730;

const plain = new Intl.NumberFormat("en", { maximumSignificantDigits: 6, useGrouping: false });

/** The amount only: compare prices thousands of loads to find where one platform becomes cheaper. */
export const usdOf = (region: string, { price, factors }: Pick<Item, "price" | "factors">) =>
  factors.reduce((usd, [count]) => usd * count, priceIn(region, price).value);

/** Units (h, GB) and what is in brackets have no plural. */
const plural = (what: string) => (/^[a-z]{3,}$/i.test(what) ? `${what}${what.endsWith("s") ? "es" : "s"}` : what);

export function priced(region: string, { side, item, price: key, factors }: Item): Line {
  const { value, unit, ...said } = priceIn(region, key);
  const terms = factors.map(([count, what]) => `${plain.format(count)} ${count === 1 ? what : plural(what)}`);
  return {
    side,
    item,
    usd: usdOf(region, { price: key, factors }),
    formula: `${terms.join(" × ")} × ${plain.format(value)} per ${unit}`,
    ...said,
  };
}

/** Metrics that CloudWatch bills by the month. */
export const metered = (side: Side, item: string, price: Item["price"], metrics: number, { months }: Period): Item => ({
  side,
  item,
  price,
  factors: [
    [metrics, "metric"],
    [months, "month"],
  ],
});
