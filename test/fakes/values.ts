/** Properties between engine and provider: plain JSON, with secrets in envelopes. */
export type Properties = Record<string, unknown>;

const envelopeKey = "4dabf18193072939515e22adb298388d";

export function isRecord(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value without its secret envelopes, for checks; what is returned to the engine keeps them. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!isRecord(value)) return value;
  if (envelopeKey in value) return plain(value.value);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

export function plainProperties(value: Properties): Properties {
  return plain(value) as Properties;
}

/** All strings in the value, at any depth. */
export function stringsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(stringsIn);
  return isRecord(value) ? Object.values(value).flatMap(stringsIn) : [];
}

/** The records in a list property; anything else counts as absent. */
export function recordsIn(value: unknown): Properties[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

export function typeOf(urn: string): string {
  return urn.split("::")[2]?.split("$").pop() ?? "";
}

export function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}
