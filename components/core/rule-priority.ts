import { createHash } from "node:crypto";

/**
 * A rule's priority follows from names alone: it never moves when another model or variant comes or goes.
 * Variant header rules come before the public rules, so that a request for one variant reaches it.
 */
export const hiddenPathsPriority = 1;
export const healthPriority = 2;
const headerRules = { first: 1_000, count: 39_000 };
const publicRules = { first: 40_000, count: 9_000 };

export const headerRulePriority = (model: string, variant: string) => within(headerRules, `${model}/${variant}`);
export const publicPriority = (model: string) => within(publicRules, model);

function within({ first, count }: { first: number; count: number }, text: string): number {
  return first + (createHash("sha256").update(text).digest().readUInt32BE(0) % count);
}
