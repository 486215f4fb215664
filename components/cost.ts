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

/** Watches what the program declares from now on; asked at its end, it says what all of that costs. */
export function watchCosts(settings: Settings, spec: ServiceSpec): () => MonthlyUsd {
  const declared = watchDeclared();
  return () => {
    const usd = monthlyUsd(settings, spec, declared);
    const old = ageWarning(new Date());
    if (old) pulumi.log.warn(old);
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
