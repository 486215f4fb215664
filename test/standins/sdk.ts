import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

export interface Declared {
  required: string[];
  inputs: string[];
}

/**
 * What the SDK declares of a resource type, read from its generated constructor. The constructor itself only sees
 * whether a property is given at all; the stand-in asks again when the value has arrived, so that an output that
 * resolved to undefined is caught here instead of in an account.
 */
export function declared(type: string): Declared | undefined {
  const [pkg = "", module = ""] = type.split(":");
  const root = dirname(require.resolve(`@pulumi/${pkg}/package.json`));
  const source = [`${module}.js`, `${module.replace(/^index\//, "")}.js`]
    .map((path) => join(root, path))
    .find((path) => existsSync(path));
  if (source === undefined) return undefined;
  const text = readFileSync(source, "utf8");
  const all = (pattern: RegExp) => [...new Set([...text.matchAll(pattern)].map((match) => match[1] ?? ""))];
  return {
    required: all(/Missing required property '(\w+)'/g),
    inputs: all(/resourceInputs\["(\w+)"\] = [^;]*\bargs\?\.\w+/g),
  };
}
