import { createHash } from "node:crypto";

/**
 * A rule's priority follows from names alone: it never moves when another model or variant comes or goes.
 * Pins come before the public rules, so that a caller who asks for one variant gets it.
 */
export const hiddenPathsPriority = 1;
export const healthPriority = 2;
const pins = { first: 1_000, count: 39_000 };
const publics = { first: 40_000, count: 9_000 };

export const pinPriority = (model: string, variant: string) => within(pins, `${model}/${variant}`);
export const publicPriority = (model: string) => within(publics, model);

function within({ first, count }: { first: number; count: number }, text: string): number {
  return first + (createHash("sha256").update(text).digest().readUInt32BE(0) % count);
}
