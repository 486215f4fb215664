import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

export interface DeclaredProperties {
  readonly required: readonly string[];
  readonly inputs: readonly string[];
}

const known = new Map<string, DeclaredProperties>();

/** What a package that extends Kubernetes brings; the SDK has one class for all of them. */
const extension: DeclaredProperties = { required: ["apiVersion", "kind", "spec"], inputs: [] };

/**
 * What the SDK declares of a resource type, read from its generated constructor. The constructor itself only sees
 * whether a property is given at all; the fake provider asks again when the value has arrived, so that an output that
 * resolved to undefined is caught here instead of in an account.
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

/** Where a type may be declared: "aws:ecs/service:Service" names its file, "kubernetes:apps/v1:Deployment" the folder of it. */
function sourcesOf(type: string): string[] {
  const [pkg = "", module = "", name = ""] = type.split(":");
  const root = dirname(require.resolve(`@pulumi/${pkg}/package.json`));
  const path = module.replace(/^index(\/|$)/, "").replace(/(\.[\w.]+)?\.k8s\.io\//, "/");
  const file = `${name.charAt(0).toLowerCase()}${name.slice(1)}.js`;
  return [join(root, `${path}.js`), join(root, path, file)];
}
