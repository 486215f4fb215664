import type { Place } from "./offers";

/** The part of an offer file that is read here. */
export interface OfferFile {
  readonly publicationDate: string;
  readonly products: Readonly<Record<string, { readonly attributes: Readonly<Record<string, string | undefined>> }>>;
  readonly terms: { readonly OnDemand: Readonly<Record<string, Readonly<Record<string, Term>>>> };
}

interface Term {
  readonly priceDimensions: Readonly<
    Record<string, { readonly beginRange: string; readonly pricePerUnit: { readonly USD?: string } }>
  >;
}

/** In some regions usage types begin with the region's code, such as EU- or APS1-. */
const withoutRegion = (usage: string) => usage.replace(/^[A-Z]{2,4}\d?-/, "");

/** The price of the first tier. Undefined when the file has no price, or several. */
export function priceAt({ products, terms }: OfferFile, { usage, operation }: Place): number | undefined {
  const skus = Object.entries(products)
    .filter(([, { attributes }]) => withoutRegion(attributes.usagetype ?? "") === usage)
    .filter(([, { attributes }]) => operation === undefined || attributes.operation === operation)
    .map(([sku]) => sku);
  const prices = skus.flatMap((sku) =>
    Object.values(terms.OnDemand[sku] ?? {}).flatMap(({ priceDimensions }) =>
      Object.values(priceDimensions)
        .filter(({ beginRange }) => Number(beginRange) === 0)
        .map(({ pricePerUnit }) => Number(pricePerUnit.USD)),
    ),
  );
  const [price, ...others] = new Set(prices.filter((usd) => usd > 0));
  return others.length === 0 ? price : undefined;
}
