import type { Weights } from "../aws/elb";
import { awake, type Bounds, boundsAt } from "../core/schedule";
import type { ServiceSpec } from "../core/service-spec";
import type { TargetReader } from "../core/wait-until";
import type { Workload } from "../core/workload";

/** A workload's share of the traffic. */
export interface Share extends Pick<Workload, "id" | "variant" | "weight"> {
  readonly spec: Pick<ServiceSpec, "replicas" | "schedule">;
  readonly targetGroupArn: string;
}

/** The bounds of the replica count at this moment. */
export const boundsOf = ({ spec }: Pick<Share, "spec">, now: Date): Bounds =>
  boundsAt(spec.schedule, spec.replicas, now);

/** Those that prove a version: in a window with 0 replicas, one is woken. */
export const provingBounds = (share: Pick<Share, "spec">, now: Date): Bounds => awake(boundsOf(share, now));

export const sleepsNow = (share: Pick<Share, "spec">, now: Date): boolean => boundsOf(share, now).max === 0;

export const gainsTraffic = ({ targetGroupArn, weight }: Share, live: Weights): boolean =>
  weight > (live[targetGroupArn] ?? 0);

/** The healthy replicas of all target groups with traffic. */
export async function servingTogether(live: Weights, reader: TargetReader): Promise<number> {
  const serving = Object.keys(live).filter((arn) => (live[arn] ?? 0) > 0);
  const counts = await Promise.all(serving.map((arn) => reader.healthyTargets(arn)));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** A share of all serving replicas, according to the weight. */
export function replicasForShare(
  { weight }: Share,
  { together, total }: { readonly together: number; readonly total: number },
  bounds: Bounds,
): number {
  return within(total > 0 ? Math.ceil((together * weight) / total) : 0, bounds);
}

const within = (count: number, { min, max }: Bounds) => Math.min(Math.max(count, min), max);

export const totalWeight = (shares: readonly Share[]) => shares.reduce((sum, { weight }) => sum + weight, 0);

/**
 * By workload id, the replicas that a new or replaced service starts with: its share if it gains traffic, and no fewer than it has now.
 * An estimate: the number is checked again right before the rule changes.
 */
export async function firstReplicas(
  shares: readonly Share[],
  live: Weights,
  reader: TargetReader,
  now: Date,
): Promise<Record<string, number>> {
  const all = { together: await servingTogether(live, reader), total: totalWeight(shares) };
  const first = async (share: Share) => {
    const bounds = boundsOf(share, now);
    if (share.weight === 0) return bounds.min;
    const needed = gainsTraffic(share, live) ? replicasForShare(share, all, bounds) : bounds.min;
    const has = share.targetGroupArn in live ? await reader.healthyTargets(share.targetGroupArn) : 0;
    return within(Math.max(needed, has), bounds);
  };
  const counts = await Promise.all(shares.map(async (share) => [share.id, await first(share)] as const));
  return Object.fromEntries(counts);
}
