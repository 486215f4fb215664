import list from "./price-list.json";

export type PriceKey = keyof typeof list.prices;

export interface Price {
  readonly key: PriceKey;
  readonly value: number;
  readonly unit: string;
  /** Who says so, and of which day. */
  readonly source: string;
  /** Not found for this region, or only derived: right in its order of magnitude. */
  readonly assumed: boolean;
}

interface Entry {
  readonly value: number;
  readonly source: string;
  readonly date?: string;
}

interface Row {
  readonly unit: string;
  readonly regions: Readonly<Record<string, Entry>>;
}

const rows: Readonly<Record<string, Row>> = list.prices;
const sources: Readonly<Record<string, { grade: string; where: string }>> = list.sources;

/** What a region without a price of its own is taken to cost. */
const fallbackRegion = "us-east-1";

export const priceKeys = Object.keys(rows) as PriceKey[];
export const collected = list.collected;

/** List price in USD; no tax, no free tier, no discount. */
export function priceIn(region: string, key: PriceKey): Price {
  const row = rows[key];
  const own = row?.regions[region] ?? row?.regions.global;
  const entry = own ?? row?.regions[fallbackRegion];
  if (!row || !entry) throw new Error(`the price table has no ${key} for ${fallbackRegion}`);
  const { grade, where } = sources[entry.source] ?? { grade: "C", where: entry.source };
  const place = own ? "" : `, price of ${fallbackRegion}`;
  const source = `${where}${entry.date ? `, ${entry.date}` : ""}${place}`;
  return { key, value: entry.value, unit: row.unit, source, assumed: grade === "C" || !own };
}

const freshDays = 180;
const dayMilliseconds = 24 * 60 * 60 * 1000;

/** A sentence when the prices are so old that a person should know. */
export function ageWarning(today: Date, since: string = collected): string | undefined {
  const days = Math.floor((today.getTime() - Date.parse(since)) / dayMilliseconds);
  if (days <= freshDays) return undefined;
  return `the prices are ${days} days old (${since}): npm run prices fetches today's`;
}
