import * as pulumi from "@pulumi/pulumi";
import type { ServiceSpec } from "../core/service-spec";
import type { Settings } from "../settings";
import { awsTargets, perTarget } from "../targets";
import {
  ageWarning,
  bill,
  type Declared,
  hoursPerMonth,
  inferenceOf,
  type Line,
  type Load,
  type Measurement,
  otherImage,
  priceable,
  type Side,
  steadyRequestsPerSecond,
  sum,
  sumOf,
} from ".";

/** Maps a component type to its target: everything below it belongs to that target. */
const ownerOf = (type: string) => awsTargets.find(({ componentType }) => componentType === type)?.name;

/** Records the resources that the program declares from now on. At its end it returns their price, and warns. */
export function watchCosts(settings: Settings, spec: ServiceSpec, measurement?: Measurement): () => MonthlyUsd {
  const declared = watchDeclared();
  return () => {
    const bills = monthlyBills(settings, spec, declared, measurement);
    const other = otherImage(settings.stack, measurement, settings.image);
    if (other !== undefined) pulumi.log.warn(other);
    const usd = monthlyUsd(bills);
    for (const warning of costWarnings(usd, settings.notifications.monthlyBudgetUsd)) pulumi.log.warn(warning);
    const old = ageWarning(new Date(), bills.atMaximum);
    if (old !== undefined) pulumi.log.warn(old);
    return usd;
  };
}

/** Of the inputs the bill reads only what is plain. A transform would be called by the engine, after `monthlyUsd` is worked out: docs/decisions/pulumi-conventions.md. */
function watchDeclared(): readonly Declared[] {
  const declared: Declared[] = [];
  const sides = new Map<pulumi.Resource, Side>();
  pulumi.runtime.registerStackTransformation(({ resource, type, props, opts: { parent } }) => {
    const side = ownerOf(type) ?? (parent && sides.get(parent)) ?? "shared";
    sides.set(resource, side);
    declared.push({ type, side, inputs: props });
    return undefined;
  });
  return declared;
}

/** List prices of a month: at the minimum of replicas without a request, and at the maximum with as many as they carry. */
interface AtBounds<T> {
  readonly atMinimum: T;
  readonly atMaximum: T;
}

export type Cost = Readonly<Record<Side | "sum", number>>;
export type MonthlyUsd = AtBounds<Cost>;

function monthlyBills(
  settings: Settings,
  spec: ServiceSpec,
  declared: readonly Declared[],
  measurement: Measurement | undefined,
): AtBounds<readonly Line[]> {
  const inference = inferenceOf(measurement);
  const imageGb = measurement?.imageBytes && measurement.imageBytes / 1e9;
  const share = (target: string) =>
    settings.model.variants.reduce((sum, variant) => sum + (variant.target === target ? variant.weight / 100 : 0), 0);
  const shares = perTarget(({ name }) => share(name));
  const { min, max } = spec.replicas;
  const requestsPerSecond = settings.model.variants.length * max * steadyRequestsPerSecond(spec, inference);
  const lines = (load: Pick<Load, "replicas" | "requestsPerSecond">) =>
    bill({ ...priceable(settings, spec, declared), imageGb, inference }, { hours: hoursPerMonth, shares, ...load });
  return {
    atMinimum: lines({ replicas: min, requestsPerSecond: 0 }),
    atMaximum: lines({ replicas: max, requestsPerSecond }),
  };
}

function monthlyUsd({ atMinimum, atMaximum }: AtBounds<readonly Line[]>): MonthlyUsd {
  const cents = (usd: number) => Math.round(usd * 100) / 100;
  const cost = (lines: readonly Line[]): Cost => {
    const of = (side: Side) => cents(sumOf(lines, side));
    return { shared: of("shared"), ...perTarget(({ name }) => of(name)), sum: cents(sum(lines)) };
  };
  return { atMinimum: cost(atMinimum), atMaximum: cost(atMaximum) };
}

/** Warns before the money is spent if the price exceeds the budget. */
export function costWarnings({ atMinimum, atMaximum }: MonthlyUsd, budgetUsd: number | undefined): string[] {
  return budgetUsd === undefined ? [] : overspending(atMinimum.sum, atMaximum.sum, budgetUsd);
}

function overspending(least: number, most: number, budgetUsd: number): string[] {
  const budget = `notifications.monthlyBudgetUsd is ${budgetUsd}`;
  if (least > budgetUsd)
    return [`${budget}: the stack costs ${least.toFixed(2)} USD a month with the fewest replicas and no requests`];
  if (most > budgetUsd)
    return [
      `${budget}: from ${least.toFixed(2)} USD a month the stack grows to ${most.toFixed(2)} at its maximum of replicas`,
    ];
  return [];
}
