import type { PriceKey } from "../../components/pricing/table";
import { type OfferFile, priceAt } from "./offer-file";
import { perOurUnit, places } from "./offers";

interface Entry {
  value: number;
  source: string;
  date?: string;
  fetched?: string;
}

export interface PriceList {
  sources: Record<string, { grade: string; where: string }>;
  prices: Record<string, { unit: string; regions: Record<string, Entry> }>;
}

export interface Refreshed {
  readonly list: PriceList;
  readonly changed: readonly string[];
  /** Prices that the list did not have, or had several times. */
  readonly kept: readonly string[];
}

export type Fetch = (path: string) => Promise<OfferFile>;

const source = { AWS: { grade: "A", where: "AWS's public price list" } };

/** Fetches the prices of all regions in the table, offer by offer. A price that AWS's list does not have stays as it is. */
export async function refresh(
  list: PriceList,
  fetched: Fetch,
  today: string,
  tell: (text: string) => void,
): Promise<Refreshed> {
  const next: PriceList = { ...structuredClone(list), sources: { ...list.sources, ...source } };
  const [changed, kept]: [string[], string[]] = [[], []];
  const regions = Object.keys(list.prices.alb?.regions ?? {});
  const wanted = Object.entries(places) as [PriceKey, (typeof places)[PriceKey] & object][];
  for (const region of regions) {
    for (const offer of new Set(wanted.map(([, place]) => place.offer))) {
      tell(`${offer} of ${region}`);
      const file = await fetched(`/offers/v1.0/aws/${offer}/current/${region}/index.json`);
      for (const [key, place] of wanted.filter(([, each]) => each.offer === offer)) {
        const price = priceAt(file, place);
        const entries = next.prices[key]?.regions;
        if (price === undefined || !entries) {
          kept.push(`${key} in ${region}`);
          continue;
        }
        // 0.0000002 × 1,000,000 is 0.2, despite binary fractions.
        const value = Number((price * (perOurUnit[key] ?? 1)).toPrecision(12));
        if (entries[region]?.value !== value)
          changed.push(`${key} in ${region}: ${entries[region]?.value} -> ${value}`);
        entries[region] = { value, source: "AWS", date: file.publicationDate.slice(0, 10), fetched: today };
      }
    }
  }
  return { list: next, changed, kept };
}
