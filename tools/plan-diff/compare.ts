import { isDeepStrictEqual } from "node:util";
import type { Plan, PlannedResource } from "../offline";
import { Identities, type Identity } from "./identity";
import { replacedBy } from "./replacing-inputs";

/** What an update from one plan to the other does to a resource. One that it changes in place is none. */
export type Change =
  | { readonly kind: "created"; readonly resource: PlannedResource }
  /** Without `retainOnDelete` AWS deletes it. */
  | { readonly kind: "deleted"; readonly resource: PlannedResource }
  | { readonly kind: "replaced"; readonly resource: PlannedResource; readonly why: readonly string[] }
  /** Deleted and created, because no alias says that it is the same. */
  | { readonly kind: "renamed"; readonly resource: PlannedResource; readonly to: PlannedResource };

interface Pair {
  readonly before: PlannedResource;
  readonly after: PlannedResource;
}

type Resources = Pick<Plan, "resources">;

export function comparePlans(before: Resources, after: Resources): Change[] {
  const { pairs, gone, added } = matched(before, after);
  const renamed = gone.flatMap((resource) => {
    const to = successorOf(resource, gone, added);
    return to ? [{ kind: "renamed" as const, resource, to }] : [];
  });
  const isIn = (resources: readonly PlannedResource[]) => (one: PlannedResource) => !resources.includes(one);
  const ofRename = { from: renamed.map(({ resource }) => resource), to: renamed.map(({ to }) => to) };
  return [
    ...renamed,
    ...gone.filter(isIn(ofRename.from)).map((resource) => ({ kind: "deleted" as const, resource })),
    ...replacements(pairs, added),
    ...added.filter(isIn(ofRename.to)).map((resource) => ({ kind: "created" as const, resource })),
  ];
}

/** Pairs the resources as the engine does: by their urn, or by an alias. */
function matched(before: Resources, after: Resources) {
  const old = new Identities(before);
  const now = new Identities(after);
  const left = new Map<Identity, PlannedResource>(before.resources.map((one) => [old.of(one), one]));
  const pairs: Pair[] = [];
  const added: PlannedResource[] = [];
  for (const resource of after.resources) {
    const found = [now.of(resource), ...now.aliasesOf(resource)].find((one) => left.has(one));
    const previous = found === undefined ? undefined : left.get(found);
    if (found === undefined || previous === undefined) {
      added.push(resource);
      continue;
    }
    left.delete(found);
    pairs.push({ before: previous, after: resource });
  }
  return { pairs, gone: [...left.values()].filter(isManaged), added: added.filter(isManaged) };
}

/** AWS or the cluster has it. Components and providers exist in the state only, but those of another package create resources. */
const isManaged = ({ type, custom }: PlannedResource) =>
  !type.startsWith("pulumi:") && (custom || type.startsWith("awsx:") || type.startsWith("eks:"));

/** The only new resource of its type, in place of the only one that is gone. The name of an image is the hash of its content. */
function successorOf(
  resource: PlannedResource,
  gone: readonly PlannedResource[],
  added: readonly PlannedResource[],
): PlannedResource | undefined {
  const isOfType = ({ type }: PlannedResource) => type === resource.type;
  const successors = added.filter(isOfType);
  const isClear = gone.filter(isOfType).length === 1 && successors.length === 1;
  return isClear && !resource.options.retainOnDelete ? successors[0] : undefined;
}

/** The engine replaces a resource for its own inputs, or because it uses another one that is new. */
function replacements(pairs: readonly Pair[], added: readonly PlannedResource[]): Change[] {
  const isNew = new Set(added.map(({ urn }) => urn));
  const why = new Map<Pair, string[]>();
  let seen: number;
  do {
    seen = why.size;
    for (const pair of pairs) {
      const reasons = why.has(pair) ? [] : reasonsFor(pair, isNew);
      if (reasons.length === 0) continue;
      why.set(pair, reasons);
      isNew.add(pair.after.urn);
    }
  } while (why.size > seen);
  return [...why].map(([{ before }, reasons]) => ({ kind: "replaced", resource: before, why: reasons }));
}

function reasonsFor({ before, after }: Pair, isNew: ReadonlySet<string>): string[] {
  if (before.type !== after.type) return ["type"];
  const { replaceOnChanges, replaceWith, replacementTrigger, ignoreChanges } = after.options;
  const keys = [...new Set([...Object.keys(before.inputs), ...Object.keys(after.inputs)])].filter(
    (key) => !ignoreChanges.includes(key),
  );
  const usesNew = (key: string) => (after.inputDependencies[key] ?? []).some((urn) => isNew.has(urn));
  const changed = keys.filter((key) => !isDeepStrictEqual(before.inputs[key], after.inputs[key]) || usesNew(key));
  return [
    ...replacedBy(after.type, changed),
    ...changed.filter((key) => replaceOnChanges.some((path) => path === "*" || path.split(/[.[]/)[0] === key)),
    ...(isDeepStrictEqual(before.options.replacementTrigger, replacementTrigger) ? [] : ["replacementTrigger"]),
    ...(replaceWith.some((urn) => isNew.has(urn)) ? ["replaceWith"] : []),
  ];
}
