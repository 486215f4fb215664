import { isIPv6 } from "node:net";

/** A block of addresses as the numbers it starts and ends with. */
export interface Cidr {
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
  readonly prefix: number;
}

/** An aligned IPv4 block such as 10.0.0.0/16; undefined for any other text. AWS refuses host bits as well. */
export function parseCidr(text: string): Cidr | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  if (!match) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, prefix = 0] = match.slice(1).map(Number);
  if ([a, b, c, d].some((octet) => octet > 255)) return undefined;
  return aligned(4, BigInt(((a * 256 + b) * 256 + c) * 256 + d), prefix);
}

/** An aligned IPv6 block such as 2001:db8::/32; undefined for any other text, also for one that contains an IPv4 address. */
export function parseCidr6(text: string): Cidr | undefined {
  const match = /^([0-9a-f:]+)\/(\d{1,3})$/i.exec(text);
  const [, address = "", prefix] = match ?? [];
  if (!isIPv6(address)) return undefined;
  const [head = [], tail = []] = address.split("::").map((half) => half.split(":").filter((part) => part !== ""));
  const parts = [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => "0"), ...tail];
  return aligned(6, BigInt(`0x${parts.map((part) => part.padStart(4, "0")).join("")}`), Number(prefix));
}

function aligned(family: Cidr["family"], first: bigint, prefix: number): Cidr | undefined {
  const bits = family === 4 ? 32 : 128;
  if (prefix > bits) return undefined;
  const size = 1n << BigInt(bits - prefix);
  return first % size === 0n ? { family, first, last: first + size - 1n, prefix } : undefined;
}

export function overlap(one: Cidr, other: Cidr): boolean {
  return one.family === other.family && one.first <= other.last && other.first <= one.last;
}
