/** How replicas divide between on-demand and Spot capacity, as an ECS capacity provider strategy. */
export interface Capacity {
  readonly onDemandBase: number;
  readonly onDemandWeight: number;
  readonly spotWeight: number;
}

/** How many of the replicas run on demand in the long run, a fraction of one included. The rest run on Spot. */
export function onDemandReplicas({ onDemandBase, onDemandWeight, spotWeight }: Capacity, replicas: number): number {
  const beyondBase = Math.max(0, replicas - onDemandBase);
  return replicas - (beyondBase * spotWeight) / (onDemandWeight + spotWeight);
}
