import type { Base } from "./journal";
import { gainersOf, type Shares, shareOf, sharesAt } from "./shares";
import type { Edit } from "./stack-file";

/** A variant as the stack file declares it. */
export interface DeclaredVariant {
  readonly name: string;
  readonly target: string;
  readonly weight: number;
  readonly image?: string;
}

/** What is released: an image, more weight for a variant, or another target, whose line the stack file may leave out. */
export type Goal =
  | { readonly image: string }
  | { readonly variant: string }
  | { readonly target: string; readonly isLeftOut?: boolean };

/** Names the goal in messages and in Pulumi's history. */
export function titleOf(goal: Goal): string {
  if ("image" in goal) return goal.image;
  return "variant" in goal ? `variant ${goal.variant}` : `target ${goal.target}`;
}

/** The goal of a title. */
export function goalNamed(title: string): Goal {
  const [, kind, name = ""] = /^(variant|target) (.+)$/.exec(title) ?? [];
  if (kind === "variant") return { variant: name };
  return kind === "target" ? { target: name } : { image: title };
}

/** One update: the keys to change, and the shares once it is done. */
export interface Update {
  readonly kind: "start" | "shift" | "end";
  readonly title: string;
  readonly edits: readonly Edit[];
  readonly shares: Shares;
}

export interface Plan {
  readonly title: string;
  /** The platform that gets all traffic, if the release moves to one. */
  readonly target?: string;
  readonly from: Shares;
  /** The variants that the release gives traffic, and watches. */
  readonly gainers: readonly string[];
  readonly updates: readonly Update[];
  /** Declares again what was declared before. */
  readonly back: readonly Edit[];
}

/** The stack before the release. */
export interface Before {
  /** The keys as the stack file has them: an absent one is undefined. */
  readonly base: Base;
  readonly target: string;
  readonly variants: readonly DeclaredVariant[];
}

/** Ends the name of the variant that a release of an image adds beside each serving one. */
export const suffix = "-next";

export const sharesOf = (variants: readonly DeclaredVariant[]): Shares =>
  Object.fromEntries(variants.map(({ name, weight }) => [name, weight]));

/** The updates of a release, in order. `live` has the shares now: an interrupted release goes on there. */
export function planned(goal: Goal, before: Before, steps: readonly number[], live: Shares): Plan {
  const { all, to } = movement(goal, before);
  const from = sharesOf(all);
  const gainers = gainersOf(from, to);
  const reached = shareOf(gainers, live);
  const shift = (percent: number): Update => {
    const shares = sharesAt(from, to, percent);
    return { kind: "shift", title: `${percent} %`, shares, edits: declaring(before, all, shares) };
  };
  const hasNew = all.length > before.variants.length;
  const start: Update = { kind: "start", title: "start", shares: from, edits: declaring(before, all, from) };
  const updates = [
    ...(hasNew && reached === 0 ? [start] : []),
    ...steps.filter((percent) => percent >= Math.max(reached, 1)).map(shift),
    { kind: "end", title: "end", ...ending(goal, before) } as const,
  ];
  const target = "target" in goal ? goal.target : undefined;
  const back = goingBack(goal, before);
  return { title: titleOf(goal), target, from: sharesOf(before.variants), gainers, updates, back };
}

/** Begins with an update that Pulumi's history records: it has none of a killed one, and a release that was killed in its first update must be found. */
export function recorded(plan: Plan): Plan {
  if (plan.updates[0]?.kind === "start") return plan;
  const start: Update = { kind: "start", title: "start", edits: [], shares: plan.from };
  return { ...plan, updates: [start, ...plan.updates] };
}

/** The variants during the release, with their weights at its beginning, and the shares at the end of the move. */
function movement(goal: Goal, { variants }: Before): { all: readonly DeclaredVariant[]; to: Shares } {
  const none = Object.fromEntries(variants.map(({ name }) => [name, 0]));
  if ("variant" in goal) return { all: variants, to: { ...none, [goal.variant]: 100 } };
  if ("target" in goal) {
    const { target } = goal;
    const isNew = !variants.some(({ name }) => name === target);
    return {
      all: isNew ? [...variants, { name: target, target, weight: 0 }] : variants,
      to: { ...none, [target]: 100 },
    };
  }
  const next = serving(variants).map((variant) => ({
    ...variant,
    name: `${variant.name}${suffix}`,
    image: goal.image,
  }));
  return { all: [...variants, ...next.map((each) => ({ ...each, weight: 0 }))], to: { ...none, ...sharesOf(next) } };
}

export const serving = (variants: readonly DeclaredVariant[]) => variants.filter(({ weight }) => weight > 0);

/** `both` has weights of its own; while there are more variants than it runs, the stack file lists them all. */
function declaring(before: Before, all: readonly DeclaredVariant[], shares: Shares): Edit[] {
  if (before.target === "both" && all === before.variants) return [{ key: "weights", value: shares }];
  const weighted = all.map((variant) => ({ ...variant, weight: shares[variant.name] ?? 0 }));
  return [
    { key: "target", value: "variants" },
    { key: "variants", value: mapOf(weighted) },
  ];
}

/** As before: the steps of a move from both platforms to one change them. */
const weightsOf = ({ base, target }: Before): Edit[] =>
  target === "both" ? [{ key: "weights", value: base.weights }] : [];

const mapOf = (variants: readonly DeclaredVariant[]) =>
  Object.fromEntries(
    variants.map(({ name, target, weight, image }) => [
      name,
      { target, weight, ...(image !== undefined && { image }) },
    ]),
  );

/** The stack file is as simple as before: the last update moves the traffic to the usual names, and deletes the others. */
function ending(goal: Goal, before: Before): Pick<Update, "edits" | "shares"> {
  const { variants } = before;
  if ("target" in goal) {
    const value = goal.isLeftOut ? undefined : goal.target;
    return {
      edits: [{ key: "target", value }, { key: "variants" }, ...weightsOf(before)],
      shares: { [goal.target]: 100 },
    };
  }
  if ("image" in goal) return { edits: running(goal.image, before), shares: sharesOf(variants) };
  // Nothing is left to change. The update records in Pulumi's history that the release has ended.
  const shares = movement(goal, before).to;
  return { edits: declaring(before, variants, shares), shares };
}

/** The variants of before with this image. */
function running(image: string, { base, target, variants }: Before): Edit[] {
  if (target !== "variants")
    return [{ key: "target", value: base.target }, { key: "variants" }, { key: "image", value: image }];
  const updated = variants.map((variant) => (variant.weight > 0 ? { ...variant, image } : variant));
  return [{ key: "variants", value: mapOf(updated) }];
}

/** Of the whole release, also when a resumed one has only its last update left. */
export const variantsOf = ({ from, gainers, updates }: Plan): string[] => [
  ...new Set([...Object.keys(from), ...gainers, ...updates.flatMap(({ shares }) => Object.keys(shares))]),
];

/** Replaces the image where it runs, in one update: also a version that is dead, which could not pass on its traffic in steps. */
export function inPlace(image: string, before: Before): Plan {
  const shares = sharesOf(before.variants);
  const update: Update = { kind: "end", title: "replace the image", edits: running(image, before), shares };
  return { title: image, from: shares, gainers: [], updates: [update], back: goingBack({ image }, before) };
}

function goingBack(goal: Goal, { base, target, variants }: Before): Edit[] {
  const weights = "image" in goal ? [] : weightsOf({ base, target, variants });
  if ("variant" in goal && target === "both") return weights;
  const declared = target === "variants" ? mapOf(variants) : undefined;
  const image = "image" in goal && target !== "variants" ? [{ key: "image", value: base.image }] : [];
  return [{ key: "target", value: base.target }, { key: "variants", value: declared }, ...image, ...weights];
}
