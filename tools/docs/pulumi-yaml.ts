import type { Entry } from "../../components/settings/entry";
import { flow } from "./flow";
import { withSection, yamlMarkers } from "./section";

type Keys = Readonly<Record<string, Entry<unknown>>>;

/** Pulumi.yaml with the keys that the CLI checks and fills in, and with those that `pulumi new` asks for. */
export function pulumiYaml(current: string, keys: Keys): string {
  const asked = Object.fromEntries(Object.entries(keys).filter(([, { prompt }]) => prompt !== undefined));
  const prompts = block("    ", asked, ({ prompt, fallback }) => ({ description: prompt, default: fallback }));
  const declared = block("  ", keys, ({ schema, fallback, text }) => ({
    type: schema.type,
    ...itemsOf(schema),
    default: fallback,
    description: text,
  }));
  const withPrompts = withSection(current, yamlMarkers("prompts"), prompts, "Pulumi.yaml");
  return withSection(withPrompts, yamlMarkers("keys"), declared, "Pulumi.yaml");
}

function itemsOf({ type, parts }: Entry<unknown>["schema"]) {
  const item = parts?.["[]"];
  return type === "array" && item ? { items: { type: item.type } } : {};
}

function block(indent: string, keys: Keys, fields: (entry: Entry<unknown>) => Readonly<Record<string, unknown>>) {
  const lines = Object.entries(keys).flatMap(([name, entry]) => [
    `${indent}${name}:`,
    ...Object.entries(fields(entry)).map(([field, value]) => `${indent}  ${field}: ${flow(value)}`),
  ]);
  return lines.join("\n");
}
