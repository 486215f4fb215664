import type { LoadBalancerReader } from "./load-balancer-reader";

export interface Declared {
  readonly name: string;
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
 * many as all groups serve with now. A group that runs already, and that nobody can tell, is not waited for: a person is told instead.
 */
export async function neededReplicas(
  declared: readonly Declared[],
  { min, max }: Bounds,
  live: ReadonlyMap<string, number>,
  reader: Pick<LoadBalancerReader, "healthyTargets">,
  tell: (text: string) => void,
): Promise<number[]> {
  const servesNow = (arn: string) => live.get(arn) ?? 0;
  const gains = declared.filter(({ arn, weight }) => weight > servesNow(arn));
  if (gains.length === 0) return declared.map(() => min);
  const serving = [...live.keys()].filter((arn) => servesNow(arn) > 0);
  const counts = await Promise.all(serving.map((arn) => reader.healthyTargets(arn)));
  const together = counts.reduce((sum, count) => sum + count, 0);
  const wanted = Math.min(Math.max(min, together), max);
  const needs = async (group: Declared) => {
    if (!gains.includes(group)) return min;
    // A group that is in the rule, be it at weight 0, has replicas; one that is not starts with as many as it is told.
    if (group.isToldHowMany || !live.has(group.arn)) return wanted;
    const healthy = await reader.healthyTargets(group.arn);
    if (healthy < wanted) tell(tooFew(group, healthy, wanted));
    return min;
  };
  return Promise.all(declared.map(needs));
}

const tooFew = ({ name }: Declared, healthy: number, wanted: number) =>
  `${name} gains traffic with ${healthy} healthy where ${wanted} are needed: its autoscaler starts more only once the load is there. ` +
  "Raise replicas.min first, or move the weights in steps";
