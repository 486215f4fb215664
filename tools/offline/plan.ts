/** One registration of the program, as the engine would receive it. */
export interface PlannedResource {
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  /** Urn of the parent; empty for the stack. */
  readonly parent: string;
  readonly custom: boolean;
  /** Its own provider as `urn::id`; empty for a default provider and for a component. */
  readonly provider: string;
  /** Plain values; secret ones are under `secretInputs` as well. */
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly secretInputs: readonly string[];
  /** Urns of all resources that must exist first, by an input or dependsOn. */
  readonly dependencies: readonly string[];
  /** Urns of the resources whose outputs an input uses, by the input. */
  readonly inputDependencies: Readonly<Record<string, readonly string[]>>;
  readonly options: PlannedOptions;
}

export interface PlannedOptions {
  /** Of the provider. */
  readonly version: string;
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  readonly ignoreChanges: readonly string[];
  /** A change of these inputs replaces the resource. */
  readonly replaceOnChanges: readonly string[];
  /** Urns of the resources that this one is replaced with. */
  readonly replaceWith: readonly string[];
  /** A change of this value replaces the resource. */
  readonly replacementTrigger?: unknown;
  /** Its own; the engine adds those that follow from its parent's. */
  readonly aliases: readonly PlannedAlias[];
  readonly hooks: Readonly<Record<string, readonly string[]>>;
  readonly customTimeouts: Readonly<{ create?: string; update?: string; delete?: string }>;
}

/** What the resource was called before: a urn, or the parts that differ. An empty part is as in the resource. */
export interface PlannedAlias {
  readonly urn: string;
  readonly name: string;
  readonly type: string;
  /** Urn. */
  readonly parent: string;
  /** It was below the stack. */
  readonly noParent: boolean;
}

export interface LogLine {
  readonly severity: "info" | "warning" | "error";
  readonly message: string;
}

/** A function of a provider that the program called. */
export interface PlannedCall {
  readonly token: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** What a program declares, in the order in which it declared it. */
export interface Plan {
  readonly resources: readonly PlannedResource[];
  readonly calls: readonly PlannedCall[];
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly logs: readonly LogLine[];
}

export const ofType = (plan: Pick<Plan, "resources">, type: string) =>
  plan.resources.filter((resource) => resource.type === type);
