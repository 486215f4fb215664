import type { types } from "@pulumi/kubernetes";
import { type Capacity, onDemandReplicas } from "../core/capacity";
import type { Bounds } from "../core/schedule";

/**
 * How pods divide between on-demand and Spot nodes: into equal parts, of which some are on demand. Kubernetes spreads pods evenly over the
 * values of a node label, so a share is what it can keep, and a base is not (karpenter.sh/docs/concepts/scheduling, "On-Demand/Spot Ratio Split").
 */
export interface CapacityMix {
  readonly onDemandParts: number;
  readonly parts: number;
}

export const allOnDemand: CapacityMix = { onDemandParts: 1, parts: 1 };

/** Both kinds of nodes. Otherwise one pool does. */
export const isMixed = ({ onDemandParts, parts }: CapacityMix) => onDemandParts > 0 && onDemandParts < parts;

/** How many of the pods run on demand when they start one after the other: each round over the parts begins with those on demand. */
export const onDemandPods = ({ onDemandParts, parts }: CapacityMix, pods: number) =>
  Math.floor(pods / parts) * onDemandParts + Math.min(pods % parts, onDemandParts);

/** Each part takes nodes of its own, so more of them would cost more than a closer share saves. */
const mostParts = 10;

/** From the fewest parts on demand to all of them; of equal shares the one with the fewest parts. */
const mixes: readonly CapacityMix[] = Array.from({ length: mostParts }, (_, index) => index + 1)
  .flatMap((parts) => Array.from({ length: parts + 1 }, (_, onDemandParts) => ({ onDemandParts, parts })))
  .sort((a, b) => a.onDemandParts / a.parts - b.onDemandParts / b.parts || a.parts - b.parts);

/** Sums of fractions are not exact. */
const atLeast = (value: number, least: number) => value > least - 1e-9;

/**
 * The mix with the fewest pods on demand that has at least as many as `capacity` asks for, at every number of pods. Its share is that of the
 * smallest number, or of twice the base where that is more: with a base of all the replicas nothing would ever run on Spot.
 */
export function capacityMix(capacity: Capacity, { min, max }: Bounds): CapacityMix {
  const { onDemandBase } = capacity;
  const fewest = Math.max(1, min);
  const settled = Math.min(max, Math.max(fewest, 2 * onDemandBase));
  const share = onDemandReplicas(capacity, settled) / settled;
  // From the base on, the counts repeat with each round.
  const last = Math.min(max, Math.max(fewest, onDemandBase) + mostParts);
  const counts = Array.from({ length: last - fewest + 1 }, (_, index) => fewest + index);
  const fits = (mix: CapacityMix) =>
    atLeast(mix.onDemandParts / mix.parts, share) &&
    counts.every((pods) => atLeast(onDemandPods(mix, pods), onDemandReplicas(capacity, pods)));
  return mixes.find(fits) ?? allOnDemand;
}

/** On nodes of a pool that is part of a mix. */
export const partLabel = "inference/capacity";

/** Keeps other pods, also ours once `spot` is unset, off the nodes of the Spot pool: the deletion of the pool then interrupts nothing. */
export const spotTaint = { key: "inference/spot", effect: "NoSchedule" } as const;

const numbered = (kind: string, count: number) => Array.from({ length: count }, (_, index) => `${kind}-${index + 1}`);

/** The values of the label, by the pool that has them. */
export const partsOf = ({ onDemandParts, parts }: CapacityMix) => ({
  onDemand: numbered("on-demand", onDemandParts),
  spot: numbered("spot", parts - onDemandParts),
});

type Scheduling = Pick<types.input.core.v1.PodSpec, "affinity" | "tolerations"> & {
  readonly spread: readonly types.input.core.v1.TopologySpreadConstraint[];
};

/** Where the pods of a mix may run. */
export function scheduling(mix: CapacityMix, labels: Readonly<Record<string, string>>): Scheduling {
  if (!isMixed(mix)) return { spread: [] };
  const { onDemand, spot } = partsOf(mix);
  const among = (values: string[]) => ({ matchExpressions: [{ key: partLabel, operator: "In", values }] });
  return {
    affinity: {
      nodeAffinity: {
        // A node may have the label of an earlier mix until Karpenter has replaced it.
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [among([...onDemand, ...spot])] },
        // The first pod of each round starts on demand.
        preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, preference: among(onDemand) }],
      },
    },
    tolerations: [{ ...spotTaint, operator: "Exists" }],
    spread: [
      {
        topologyKey: partLabel,
        maxSkew: 1,
        // The scheduler knows only parts that have a node; without this it would fill the first one.
        minDomains: mix.parts,
        whenUnsatisfiable: "DoNotSchedule",
        labelSelector: { matchLabels: { ...labels } },
        // A rollout spreads its own pods, whatever the earlier ones do.
        matchLabelKeys: ["pod-template-hash"],
      },
    ],
  };
}
