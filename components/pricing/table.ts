import list from "./price-list.json";

export type PriceKey = keyof typeof list.prices;

export interface Price {
  readonly key: PriceKey;
  readonly value: number;
  readonly unit: string;
  /** The source, with its date. */
  readonly source: string;
  /** Not found for this region, or derived: correct in its order of magnitude. */
  readonly assumed: boolean;
  /** The day of the source, where it has one. */
  readonly dated?: string;
  /** The last look-up: by npm run prices, otherwise the day of the bundled list. */
  readonly lookedUp: string;
}

interface Entry {
  readonly value: number;
  readonly source: string;
  readonly date?: string;
  /** When npm run prices found it; absent on what it does not fetch. */
  readonly fetched?: string;
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

/** What npm run prices does not fetch is as old as the bundled list. */
export const lookedUpOn = ({ fetched }: Pick<Entry, "fetched">) => fetched ?? list.collected;

/** List price in USD; no tax, no free tier, no discount. */
export function priceIn(region: string, key: PriceKey): Price {
  const row = rows[key];
  const own = row?.regions[region] ?? row?.regions.global;
  const entry = own ?? row?.regions[fallbackRegion];
  if (!row || !entry) throw new Error(`the price table has no ${key} for ${fallbackRegion}`);
  const { grade, where } = sources[entry.source] ?? { grade: "C", where: entry.source };
  const place = own ? "" : `, price of ${fallbackRegion}`;
  const source = `${where}${entry.date ? `, ${entry.date}` : ""}${place}`;
  return {
    key,
    value: entry.value,
    unit: row.unit,
    source,
    assumed: grade === "C" || !own,
    ...(entry.date !== undefined && { dated: entry.date }),
    lookedUp: lookedUpOn(entry),
  };
}

const freshDays = 180;
const dayMilliseconds = 24 * 60 * 60 * 1000;

const named = 3;

/** A warning if prices in use were looked up too long ago. */
export function ageWarning(today: Date, used: readonly Pick<Price, "key" | "lookedUp">[]): string | undefined {
  const age = ({ lookedUp }: Pick<Price, "lookedUp">) =>
    Math.floor((today.getTime() - Date.parse(lookedUp)) / dayMilliseconds);
  const old = used.filter((price) => age(price) > freshDays).sort((one, other) => age(other) - age(one));
  const [oldest] = old;
  if (oldest === undefined) return undefined;
  const keys = [...new Set(old.map(({ key }) => key))];
  const others = keys.length > named ? ` and ${keys.length - named} others` : "";
  return (
    `prices of this bill are up to ${age(oldest)} days old (${oldest.lookedUp}): ${keys.slice(0, named).join(", ")}${others}. ` +
    "npm run prices fetches those that AWS's public list has; the others are changed in components/pricing/price-list.json"
  );
}
