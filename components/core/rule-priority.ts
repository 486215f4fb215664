import { createHash } from "node:crypto";

/**
 * The priorities of a stack's rules on a listener. They follow from names alone: a rule never moves when another model or variant comes or
 * goes. Variant header rules come before the public rules, so that a request for one variant reaches it.
 */
export interface RulePriorities {
  readonly hiddenPaths: number;
  readonly health: number;
  header(model: string, variant: string): number;
  public(model: string): number;
}

/** On a listener of the stack's own. */
export const ownPriorities: RulePriorities = {
  hiddenPaths: 1,
  health: 2,
  header: (model, variant) => within({ first: 1_000, count: 39_000 }, `${model}/${variant}`),
  public: (model) => within({ first: 40_000, count: 9_000 }, model),
};

/** The priorities that a stack keeps for itself on a listener of somebody else. */
export const blockSize = 1_000;

/** AWS takes priorities from 1 to 50000: API_CreateRule. */
export const lastBlock = 50_000 - blockSize + 1;

/** On a listener that other services share: a block from `first` on. */
export const prioritiesFrom = (first: number): RulePriorities => ({
  hiddenPaths: first,
  health: first + 1,
  header: (model, variant) => within({ first: first + 100, count: 800 }, `${model}/${variant}`),
  public: (model) => within({ first: first + 900, count: 100 }, model),
});

function within({ first, count }: { first: number; count: number }, text: string): number {
  return first + (createHash("sha256").update(text).digest().readUInt32BE(0) % count);
}
