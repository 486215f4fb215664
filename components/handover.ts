import type { LoadBalancerReader } from "./load-balancer-reader";

export interface Declared {
  readonly arn: string;
  readonly weight: number;
}

/**
 * Replicas that each group needs before it gets traffic, in the order of `declared`: the minimum, and for a group that has none of the
 * traffic yet as many as serve the share that is taken from others.
 */
export async function neededReplicas(
  declared: readonly Declared[],
  minimum: number,
  live: ReadonlyMap<string, number>,
  reader: Pick<LoadBalancerReader, "healthyTargets">,
): Promise<number[]> {
  const wanted = new Map(declared.map(({ arn, weight }) => [arn, weight]));
  const losing = [...live].filter(([arn, weight]) => (wanted.get(arn) ?? 0) < weight).map(([arn]) => arn);
  const counts = await Promise.all(losing.map((arn) => reader.healthyTargets(arn)));
  const served = Math.max(minimum, ...counts);
  const takesOver = ({ arn, weight }: Declared) => weight > 0 && (live.get(arn) ?? 0) === 0;
  return declared.map((group) => (takesOver(group) ? served : minimum));
}
