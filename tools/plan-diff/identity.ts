import type { Plan, PlannedAlias, PlannedResource } from "../offline";

/** A urn as the engine makes it, without stack and project: `<types of the parents>$<type>::<name>`. */
export type Identity = string;

const stackType = "pulumi:pulumi:Stack";

/** The resources of a plan with what the engine knows them by. The offline evaluator's urns contain only one parent. */
export class Identities {
  private readonly byUrn: ReadonlyMap<string, PlannedResource>;

  constructor({ resources }: Pick<Plan, "resources">) {
    this.byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  }

  of({ type, name, parent }: PlannedResource): Identity {
    return identity(this.typesAbove(parent), type, name);
  }

  /** What it was called before: its own aliases, and those that follow from its parents' (docs/iac/concepts/resources/options/aliases). */
  aliasesOf(resource: PlannedResource): Identity[] {
    const { parent, options } = resource;
    const own = options.aliases.map((alias) => this.resolved(alias, resource));
    const above = this.byUrn.get(parent);
    if (above === undefined) return own;
    const inherited = this.aliasesOf(above).flatMap((alias) =>
      [this.of(resource), ...own].map((one) => below(alias, above.name, one)),
    );
    return [...own, ...inherited];
  }

  private resolved({ urn, name, type, parent, noParent }: PlannedAlias, resource: PlannedResource): Identity {
    if (urn !== "") return urn.split("::").slice(2).join("::");
    const types = noParent ? "" : this.typesAbove(parent || resource.parent);
    return identity(types, type || resource.type, name || resource.name);
  }

  /** The types of a resource and its parents, without the stack. */
  private typesAbove(urn: string): string {
    const found = this.byUrn.get(urn);
    if (found === undefined || found.type === stackType) return "";
    const above = this.typesAbove(found.parent);
    return above === "" ? found.type : `${above}$${found.type}`;
  }
}

const identity = (above: string, type: string, name: string): Identity =>
  `${above === "" ? type : `${above}$${type}`}::${name}`;

const parts = (one: Identity) => {
  const [types = "", ...name] = one.split("::");
  return { types, name: name.join("::") };
};

/** The identity of a child while its parent was called `alias`. A name that begins with the parent's changes with it. */
function below(alias: Identity, parentName: string, child: Identity): Identity {
  const before = parts(alias);
  const { types, name } = parts(child);
  const renamed = name.startsWith(parentName) ? `${before.name}${name.slice(parentName.length)}` : name;
  return identity(before.types, types.split("$").pop() ?? "", renamed);
}
