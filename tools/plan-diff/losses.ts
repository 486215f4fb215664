import type { Plan, PlannedResource } from "../offline";
import type { Change } from "./compare";
import { dataIn } from "./data";

export interface Loss {
  readonly stack: string;
  readonly resource: PlannedResource;
  /** What happens to the resource, and what is lost. */
  readonly text: string;
}

/** The data that AWS would delete. Log lines count only in a stack with `protect: true`: elsewhere every flip deletes some. */
export function lossesOf(stack: string, before: Pick<Plan, "resources">, changes: readonly Change[]): Loss[] {
  const isProtected = before.resources.some(({ options }) => options.protect);
  return changes.flatMap((change) => {
    const { resource } = change;
    const data = dataIn(resource);
    if (change.kind === "created" || data === undefined || resource.options.retainOnDelete) return [];
    if (!isProtected && resource.type === "aws:cloudwatch/logGroup:LogGroup") return [];
    const refusal = resource.options.protect
      ? "; pulumi up refuses that until the resource is no longer protected"
      : "";
    return [{ stack, resource, text: `${fateOf(change)} and loses ${data}${refusal}` }];
  });
}

function fateOf(change: Exclude<Change, { kind: "created" }>): string {
  if (change.kind === "deleted") return "is deleted";
  if (change.kind === "renamed") return `is replaced by ${change.to.name} (renamed without an alias)`;
  return `is replaced (${change.why.join(", ")})`;
}
