export type Properties = Readonly<Record<string, unknown>>;

export interface Resource {
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  readonly props: Properties;
}

/** What a rule knows besides the resource. */
export interface Context {
  /** The name of the stack. */
  readonly stack: string;
  readonly config: Properties;
}

interface Described {
  readonly name: string;
  /** What it expects, as a sentence. */
  readonly description: string;
  /** Why a violation does not stop an update. */
  readonly advisoryBecause?: string;
  /** Settings of the rule: their JSON schema, with the default. */
  readonly settings?: Readonly<Record<string, Schema>>;
}

interface Schema {
  readonly type: "number" | "array";
  readonly items?: { readonly type: "string" };
  readonly default?: readonly string[];
}

/** Judges each resource by itself. */
export interface ResourceRule extends Described {
  readonly types: readonly string[];
  readonly violations: (resource: Resource, context: Context) => readonly string[];
}

/** Judges resources by others of the stack. */
export interface StackRule extends Described {
  readonly inStack: (resources: readonly Resource[], context: Context) => readonly Violation[];
}

/** The engine ignores a setting that no rule reads, and a budget with a typing error would be no budget. */
export function unknownSettings({ name, settings = {} }: Described, config: Properties): readonly string[] {
  const known = Object.keys(settings);
  const expected = known.length === 0 ? "none" : known.join(", ");
  return Object.keys(config)
    .filter((key) => !known.includes(key))
    .map((key) => `${key} is not a setting of ${name}; expected ${expected}`);
}

export interface Violation {
  readonly resource: Resource;
  readonly text: string;
}

export type Rule = ResourceRule | StackRule;

/** An object in the properties of a resource; empty when it has another shape. */
export const object = (value: unknown): Properties =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Properties) : {};

export const list = (value: unknown): readonly unknown[] => {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
};

/** JSON as AWS takes it in a text, or the object itself. */
export function fromJson(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

export const isWorld = (cidr: unknown) => cidr === "0.0.0.0/0" || cidr === "::/0";
