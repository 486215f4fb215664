import { randomUUID } from "node:crypto";

const quote = 0x22;
/** Shorter strings are cheap to parse. A multiple of four: base64 is decoded in pieces of this length. */
const longFrom = 64 * 1024;
/** Looking through many short strings would take longer than to parse them. */
const mostQuotes = 64;
/** Takes the place of the long string. No caller can know it. */
const placeholder = randomUUID();

/** JSON whose first long string is base64, taken out and decoded. */
interface Parted {
  /** With the placeholder for it. */
  text: string;
  decoded: Buffer;
}

/**
 * Takes a long base64 string out of JSON. Parsing it in place would hold the text, the string and the bytes at once, four times the
 * picture. Undefined when no string is long, or when the first that is has characters other than base64's.
 */
export function partLongBase64(json: Buffer): Parted | undefined {
  const found = longString(json);
  const decoded = found && decode(json.subarray(found.start, found.end));
  if (!found || !decoded) return undefined;
  return { text: `${json.toString("utf8", 0, found.start)}${placeholder}${json.toString("utf8", found.end)}`, decoded };
}

/** Puts the decoded bytes into the parsed JSON, if the string was the value of `image`. */
export function restoreImage(parsed: unknown, { decoded }: Parted): unknown {
  const isImage = typeof parsed === "object" && parsed !== null && "image" in parsed && parsed.image === placeholder;
  return isImage ? { ...parsed, image: decoded } : parsed;
}

/**
 * What lies between two quotes. If one of them is escaped or the string ends at the first, then the placeholder becomes part of another string
 * or of invalid JSON, as the base64 was.
 */
function longString(json: Buffer): { start: number; end: number } | undefined {
  let start = json.indexOf(quote) + 1;
  for (let quotes = 1; start > 0 && quotes < mostQuotes; quotes++) {
    const end = json.indexOf(quote, start);
    if (end - start >= longFrom) return { start, end };
    start = end + 1;
  }
  return undefined;
}

function decode(base64: Buffer): Buffer | undefined {
  const decoded = Buffer.allocUnsafeSlow(Math.ceil((base64.length / 4) * 3));
  let length = 0;
  for (let at = 0; at < base64.length; at += longFrom) {
    const piece = base64.toString("latin1", at, at + longFrom);
    const isLast = at + longFrom >= base64.length;
    if (!(isLast ? /^[A-Za-z0-9+/]*={0,2}$/ : /^[A-Za-z0-9+/]*$/).test(piece)) return undefined;
    length += decoded.write(piece, length, "base64");
  }
  return decoded.subarray(0, length);
}
