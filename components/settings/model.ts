import type { Problem } from "../core/problems";
import { ownPriorities, prioritiesFrom } from "../core/rule-priority";
import { bothTargets, runsOnAws, type Target, type TargetName, targetNamed, targets } from "../targets";
import type { Values } from "./keys";
import type { TargetChoice } from "./variants";

/** One service behind the load balancer: the simple stack is one model. */
export interface Model {
  readonly name: string;
  readonly variants: readonly Variant[];
}

/** One way of running a model: `both` is two of them. The weights of a model's variants are its shares of the traffic. */
export interface Variant {
  readonly name: string;
  readonly target: TargetName;
  readonly weight: number;
  /** Its own image in place of the stack's. */
  readonly image?: string;
}

type Written = Pick<Values, "target" | "weights" | "variants">;

const modelName = "main";

export function resolveModel({ target, weights, variants }: Written): Model {
  return { name: modelName, variants: resolveVariants(target, weights, variants) };
}

function resolveVariants(choice: TargetChoice, weights: Values["weights"], variants: Values["variants"]): Variant[] {
  const named = Object.entries(variants).map(([name, variant]) => ({ name, ...variant }));
  if (choice === "variants") return named;
  if (choice === "both") return bothTargets.map(({ name }) => ({ name, target: name, weight: weights[name] }));
  const isTrial = named.length > 0 && !runsOnAws(choice);
  return isTrial
    ? named.map((variant) => ({ ...variant, target: choice }))
    : [{ name: choice, target: choice, weight: 100 }];
}

/** The targets that a stack's variants run on, in the order of the list. */
export function targetsInUse({ target, variants }: Pick<Values, "target" | "variants">): readonly Target<TargetName>[] {
  if (target === "both") return bothTargets;
  if (target !== "variants") return [targetNamed(target)];
  const named = Object.values(variants).map((variant): string => variant.target);
  return targets.filter(({ name }) => named.includes(name));
}

/** Target groups that one forward action of a load balancer can divide traffic between. */
const mostVariants = 5;

export function variantProblems({ target, weights, variants, gateway }: Written & Pick<Values, "gateway">): Problem[] {
  // The target `local` runs the same variants without dividing traffic.
  if (!runsOnAws(target)) return [];
  const names = Object.keys(variants);
  if (target !== "variants" && names.length > 0) {
    const expected = `none with target ${target}: set target to variants to use them`;
    return [{ key: "variants", value: names, expected }];
  }
  const together = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
  if (target === "both" && together !== 100) {
    return [{ key: "weights", value: weights, expected: "weights that sum to 100" }];
  }
  if (target !== "variants") return [];
  if (names.length === 0 || names.length > mostVariants) {
    return [{ key: "variants", value: names, expected: `1 to ${mostVariants} variants` }];
  }
  const shares = Object.fromEntries(Object.entries(variants).map(([name, { weight }]) => [name, weight]));
  const sum = Object.values(shares).reduce((total, weight) => total + weight, 0);
  return [
    ...(sum === 100 ? [] : [{ key: "variants", value: shares, expected: `weights that sum to 100, not ${sum}` }]),
    ...collisions(names, gateway),
  ];
}

function collisions(names: readonly string[], gateway: Values["gateway"]): Problem[] {
  const { header } = gateway ? prioritiesFrom(gateway.priority) : ownPriorities;
  const priority = (name: string) => header(modelName, name);
  return names
    .filter((name, index) => names.slice(0, index).some((earlier) => priority(earlier) === priority(name)))
    .map((name) => ({
      key: `variants.${name}`,
      value: name,
      expected: "another name: its listener rule would collide with that of an earlier variant",
    }));
}

/** Quotas of one load balancer: groups cannot be raised, rules can, which a stack should not depend on. */
const mostGroups = 100;
const mostRules = 100;

/** Each variant has a group and a variant header rule, each model a public rule; one rule hides paths, and one leaves /health open beside auth. */
export function limitProblems(models: readonly Model[], { auth }: Pick<Values, "auth">): Problem[] {
  const groups = models.reduce((sum, { variants }) => sum + variants.length, 0);
  const health = Object.keys(auth).length > 0 ? 1 : 0;
  const rules = groups + models.length + 1 + health;
  const behind = "behind one load balancer; split the stack";
  return [
    ...(groups > mostGroups
      ? [{ key: "variants", value: groups, expected: `at most ${mostGroups} target groups ${behind}` }]
      : []),
    ...(rules > mostRules
      ? [{ key: "variants", value: rules, expected: `at most ${mostRules} listener rules ${behind}` }]
      : []),
  ];
}
