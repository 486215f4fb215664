import * as pulumi from "@pulumi/pulumi";
import {
  ageWarning,
  bill,
  type Declared,
  hoursPerMonth,
  type Load,
  priceable,
  type Side,
  steadyRequestsPerSecond,
  sum,
  sumOf,
} from "./prices";
import type { ServiceSpec } from "./service-spec";
import type { Settings } from "./settings";

const owners: Readonly<Record<string, Side>> = {
  "inference:aws:EcsFargateService": "ecs",
  "inference:aws:EksService": "eks",
};

/** Watches what the program declares from now on; asked at its end, it says what all of that costs, and warns. */
export function watchCosts(settings: Settings, spec: ServiceSpec): () => MonthlyUsd {
  const declared = watchDeclared();
  return () => {
    const usd = monthlyUsd(settings, spec, declared);
    for (const warning of costWarnings(usd, settings.notifications.monthlyBudgetUsd, new Date()))
      pulumi.log.warn(warning);
    return usd;
  };
}

/** Of the inputs the bill reads only what is plain. */
function watchDeclared(): readonly Declared[] {
  const declared: Declared[] = [];
  const sides = new Map<pulumi.Resource, Side>();
  pulumi.runtime.registerStackTransformation(({ resource, type, props, opts: { parent } }) => {
    const side = owners[type] ?? (parent && sides.get(parent)) ?? "shared";
    sides.set(resource, side);
    declared.push({ type, side, inputs: props });
    return undefined;
  });
  return declared;
}

export type Cost = Readonly<Record<Side | "sum", number>>;

/** List prices of a month: at the minimum of replicas without a request, and at the maximum with as many as they carry. */
export interface MonthlyUsd {
  readonly least: Cost;
  readonly most: Cost;
}

export function monthlyUsd(settings: Settings, spec: ServiceSpec, declared: readonly Declared[]): MonthlyUsd {
  const share = (target: string) =>
    settings.model.variants.reduce((sum, variant) => sum + (variant.target === target ? variant.weight / 100 : 0), 0);
  const shares = { ecs: share("ecs"), eks: share("eks") };
  const { min, max } = spec.replicas;
  const count = settings.model.variants.length;
  const requestsPerSecond = count * max * steadyRequestsPerSecond(spec);
  const cost = (load: Pick<Load, "replicas" | "requestsPerSecond">): Cost => {
    const lines = bill(priceable(settings, spec, declared), { hours: hoursPerMonth, shares, ...load });
    const cents = (usd: number) => Math.round(usd * 100) / 100;
    const of = (side: Side) => cents(sumOf(lines, side));
    return { shared: of("shared"), ecs: of("ecs"), eks: of("eks"), sum: cents(sum(lines)) };
  };
  return { least: cost({ replicas: min, requestsPerSecond: 0 }), most: cost({ replicas: max, requestsPerSecond }) };
}

/** What a person should know before the money is spent: that it exceeds the budget, or that the prices are of long ago. */
export function costWarnings({ least, most }: MonthlyUsd, budgetUsd: number | undefined, today: Date): string[] {
  const old = ageWarning(today);
  return [...(budgetUsd === undefined ? [] : overspending(least.sum, most.sum, budgetUsd)), ...(old ? [old] : [])];
}

function overspending(least: number, most: number, budgetUsd: number): string[] {
  const budget = `notifications.monthlyBudgetUsd is ${budgetUsd}`;
  if (least > budgetUsd)
    return [
      `${budget}: the stack costs ${least.toFixed(2)} USD a month at its minimum of replicas, before the first request`,
    ];
  if (most > budgetUsd)
    return [
      `${budget}: from ${least.toFixed(2)} USD a month the stack grows to ${most.toFixed(2)} at its maximum of replicas`,
    ];
  return [];
}
