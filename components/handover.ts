import type { LoadBalancerReader } from "./load-balancer-reader";

export interface Declared {
  readonly arn: string;
  readonly weight: number;
  /** Its platform starts more replicas when it is told to; another one starts them once there is the load. */
  readonly isToldHowMany: boolean;
}

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/**
 * Replicas that each group needs before the traffic moves, in the order of `declared`: the minimum, and for a group that gains traffic as
 * many as all groups serve with now. A group that serves already, and that nobody can tell, is not waited for.
 */
export async function neededReplicas(
  declared: readonly Declared[],
  { min, max }: Bounds,
  live: ReadonlyMap<string, number>,
  reader: Pick<LoadBalancerReader, "healthyTargets">,
): Promise<number[]> {
  const servesNow = (arn: string) => live.get(arn) ?? 0;
  const gains = declared.filter(({ arn, weight }) => weight > servesNow(arn));
  if (gains.length === 0) return declared.map(() => min);
  const serving = [...live.keys()].filter((arn) => servesNow(arn) > 0);
  const counts = await Promise.all(serving.map((arn) => reader.healthyTargets(arn)));
  const together = counts.reduce((sum, count) => sum + count, 0);
  const wanted = Math.min(Math.max(min, together), max);
  return declared.map((group) => {
    const mayWait = group.isToldHowMany || servesNow(group.arn) === 0;
    return gains.includes(group) && mayWait ? wanted : min;
  });
}
