import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

export interface DeclaredProperties {
  readonly required: readonly string[];
  readonly inputs: readonly string[];
}

const known = new Map<string, DeclaredProperties>();

/** A custom resource; the SDK has one class for all of them. */
const extension: DeclaredProperties = { required: ["apiVersion", "kind", "spec"], inputs: [] };

/**
 * The properties of a resource type, read from the SDK's generated constructor. The constructor checks only that a required
 * property is passed; the fake provider checks the resolved value, and so finds outputs that resolve to undefined.
 */
export function declaredProperties(type: string): DeclaredProperties {
  const found = known.get(type) ?? read(type);
  known.set(type, found);
  return found;
}

function read(type: string): DeclaredProperties {
  const source = sourcesOf(type).find((path) => existsSync(path));
  if (source === undefined) {
    if (/^kubernetes:[^:/]*\.[^:]*:/.test(type) && !/^kubernetes:[^:/]*\.k8s\.io\//.test(type)) return extension;
    throw new Error(`${type}: the SDK declares no such type`);
  }
  const text = readFileSync(source, "utf8");
  const all = (pattern: RegExp) => [...new Set([...text.matchAll(pattern)].map((match) => match[1] ?? ""))];
  return {
    required: all(/Missing required property '(\w+)'/g),
    inputs: all(/resourceInputs\["(\w+)"\] = [^;]*\bargs?\?\.\w+/g),
  };
}

/** Files that may declare a type: "aws:ecs/service:Service" contains the file name, "kubernetes:apps/v1:Deployment" its folder. */
function sourcesOf(type: string): string[] {
  const [pkg = "", module = "", name = ""] = type.split(":");
  const root = dirname(require.resolve(`@pulumi/${pkg}/package.json`));
  const path = module.replace(/^index(\/|$)/, "").replace(/(\.[\w.]+)?\.k8s\.io\//, "/");
  const file = `${name.charAt(0).toLowerCase()}${name.slice(1)}.js`;
  return [join(root, `${path}.js`), join(root, path, file)];
}
