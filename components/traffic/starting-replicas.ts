import type { Weights } from "../aws/elb";
import { boundsAt } from "../core/schedule";
import type { Bounds, ServiceSpec } from "../core/service-spec";
import type { TargetReader } from "../core/wait-until";

export interface VariantWeight {
  readonly name: string;
  readonly target: string;
  readonly weight: number;
  readonly targetGroupArn: string;
}

export type ReplicaSpec = Pick<ServiceSpec, "replicas" | "schedule">;

/** The bounds of a variant's replica count at this moment. Windows exist on ECS only. */
export const boundsOf = ({ target }: Pick<VariantWeight, "target">, spec: ReplicaSpec, now: Date): Bounds =>
  target === "ecs" ? boundsAt(spec.schedule, spec.replicas, now) : spec.replicas;

export const gainsTraffic = ({ targetGroupArn, weight }: VariantWeight, live: Weights): boolean =>
  weight > (live[targetGroupArn] ?? 0);

/** The healthy replicas of all target groups with traffic. */
export async function servingTogether(live: Weights, reader: TargetReader): Promise<number> {
  const serving = Object.keys(live).filter((arn) => (live[arn] ?? 0) > 0);
  const counts = await Promise.all(serving.map((arn) => reader.healthyTargets(arn)));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** A share of all serving replicas, according to the weight. */
export function replicasForShare(
  { weight }: VariantWeight,
  { together, total }: { readonly together: number; readonly total: number },
  bounds: Bounds,
): number {
  return within(total > 0 ? Math.ceil((together * weight) / total) : 0, bounds);
}

const within = (count: number, { min, max }: Bounds) => Math.min(Math.max(count, min), max);

export const totalWeight = (variants: readonly VariantWeight[]) =>
  variants.reduce((sum, { weight }) => sum + weight, 0);

/**
 * The replicas that a new or replaced variant starts with: its share if it gains traffic, and no fewer than it has now.
 * An estimate: the number is checked again right before the rule changes.
 */
export async function firstReplicas(
  variants: readonly VariantWeight[],
  spec: ReplicaSpec,
  live: Weights,
  reader: TargetReader,
  now: Date,
): Promise<Record<string, number>> {
  const shares = { together: await servingTogether(live, reader), total: totalWeight(variants) };
  const first = async (variant: VariantWeight) => {
    const bounds = boundsOf(variant, spec, now);
    if (variant.weight === 0) return bounds.min;
    const share = gainsTraffic(variant, live) ? replicasForShare(variant, shares, bounds) : bounds.min;
    const has = variant.targetGroupArn in live ? await reader.healthyTargets(variant.targetGroupArn) : 0;
    return within(Math.max(share, has), bounds);
  };
  const counts = await Promise.all(variants.map(first));
  return Object.fromEntries(variants.map(({ name }, index) => [name, counts[index] ?? 0]));
}
