const numberOf = (address: string) => address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);

/** Number of addresses in a block with this prefix length. */
export const sizeOf = (mask: unknown) => 2 ** (32 - Number(mask));

/** "10.0.0.0/16" -> its first address and the first one after it, as numbers. */
export function rangeOf(cidr: string): { first: number; end: number } {
  const [base = "", mask] = cidr.split("/");
  const first = numberOf(base);
  return { first, end: first + sizeOf(mask) };
}

export const addressOf = (number: number) =>
  [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
