import type { Settings } from "../settings";

/** The rows of `npm run compare`, with the kind of source of each value. */
export const questions = {
  portability: "plan",
  ecosystem: "documentation",
  "version to keep up": "settings",
  "machines to patch": "documentation",
  "daemon sets": "documentation",
  scaling: "plan",
  "failed rollout": "plan",
  spot: "plan",
  "a shell inside": "documentation",
  "largest replica": "settings",
  GPU: "plan",
} as const;

export type Question = keyof typeof questions;

/** A stack on one target, as the program declares it. */
export interface DeclaredStack {
  readonly resources: readonly { readonly type: string; readonly inputs: Readonly<Record<string, unknown>> }[];
  readonly settings: Settings;
}

/** A part of a wait. Where sources differ, `most` is the longest that one of them reports. */
export interface Wait {
  readonly what: string;
  readonly seconds: number;
  readonly most?: number;
  /** The source, with its date. */
  readonly from: string;
}

interface Capacity {
  readonly name: string;
  readonly how: string;
}

/** What `npm run compare` reports of a target on AWS beside its prices. */
export interface Profile {
  readonly onDemand: Capacity;
  readonly onSpot: Capacity;
  /** On CPUs with AMX, where a stack can choose its CPU. */
  readonly onAmx?: Capacity;
  facts(stack: DeclaredStack): Readonly<Record<Question, string>>;
  /** From too much load to a replica that pulls its image, step by step. */
  scaleOut(stack: DeclaredStack): readonly Wait[];
  /** A faster way to scale out, which the program does not offer. */
  readonly sooner?: Sooner;
  /** When to choose it, independent of the price. */
  readonly chooseFor?: string;
}

interface Sooner {
  readonly seconds: number;
  readonly how: string;
  readonly reason: string;
  advice(span: string): string;
}
