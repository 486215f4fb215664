import { stringify } from "yaml";
import type { Finding, Suggestion, Value } from "./finding";

/** The keys to set. A later finding of the same key wins; lists are joined. */
export function suggestionsOf(findings: readonly Finding[]): Suggestion[] {
  const values = new Map<string, Value>();
  for (const { key, value } of findings.flatMap(({ set = [] }) => set)) {
    const before = values.get(key);
    values.set(key, Array.isArray(before) && Array.isArray(value) ? [...new Set([...before, ...value])] : value);
  }
  return [...values].map(([key, value]) => ({ key, value }));
}

/** As a stack file has them under config. */
export function asYaml(suggestions: readonly Suggestion[]): string {
  const config: Record<string, Value | Record<string, Value>> = {};
  for (const { key, value } of suggestions) {
    const [top = "", field] = key.split(".");
    if (field === undefined) config[top] = value;
    else config[top] = { ...(config[top] as Record<string, Value> | undefined), [field]: value };
  }
  return stringify(config, { lineWidth: 0 }).trimEnd();
}
