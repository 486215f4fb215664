import type { Problem } from "../core/problems";
import { entry } from "./entry";
import type { Values } from "./keys";
import { whenValid } from "./rule";
import { integer, object, optional } from "./schema";

export const maximumReplicas = 1000;

const percent = integer(10, 95);
const cooldown = integer(0, 3600);

export const replicaKeys = {
  replicas: entry({
    schema: object({ min: integer(1, maximumReplicas), max: integer(1, maximumReplicas) }, { min: 1, max: 4 }),
    text: "The smallest and the largest number of replicas. Scaling moves between them.",
    example: { replicas: { min: 3, max: 12 } },
  }),
  scaling: entry({
    schema: object(
      {
        cpuPercent: percent,
        memoryPercent: optional(percent),
        requestsPerMinutePerReplica: optional(integer(1, 1_000_000)),
        scaleOutCooldownSeconds: cooldown,
        scaleInCooldownSeconds: cooldown,
      },
      { cpuPercent: 70, scaleOutCooldownSeconds: 60, scaleInCooldownSeconds: 300 },
    ),
    text: "The targets of autoscaling. It adds replicas above `cpuPercent` and removes them below; `memoryPercent` and `requestsPerMinutePerReplica` are further targets. Requests are those that the load balancer sends to the variant: three minutes above the target add replicas, 15 minutes below it remove them. On EKS a request scaler of ours does that ([decision](decisions/requests-raise-the-autoscalers-minimum-on-eks.md)). After adding replicas for CPU or memory, scaling waits `scaleOutCooldownSeconds` before it adds more (at most 1800 on EKS).",
    example: { scaling: { cpuPercent: 50, requestsPerMinutePerReplica: 600 } },
  }),
  spot: entry({
    schema: object(
      { onDemandBase: integer(0, maximumReplicas), onDemandWeight: integer(0, 1000), spotWeight: integer(0, 1000) },
      { onDemandBase: 0, onDemandWeight: 1, spotWeight: 0 },
    ),
    text: "How replicas divide between on-demand and Spot: the first `onDemandBase` run on demand, the others follow the weights. On ECS a change replaces the service; the new one starts beside the old one, with as many replicas as are healthy. On EKS a change rolls the pods. There a share runs on demand that is never below that of the base and the weights, and a Spot pod runs on demand where Spot has no capacity ([decision](decisions/a-share-of-the-pods-runs-on-demand.md)).",
    example: { spot: { onDemandBase: 1, onDemandWeight: 0, spotWeight: 1 } },
  }),
};

export const replicaRules = [
  whenValid({
    key: "replicas",
    fact: "`min` is at most `max`.",
    reads: ["replicas"],
    problems: boundsProblems,
  }),
  whenValid({
    key: "spot",
    fact: "`onDemandWeight` or `spotWeight` is above 0.",
    reads: ["spot"],
    problems: spotProblems,
  }),
];

function boundsProblems({ replicas }: Pick<Values, "replicas">): Problem[] {
  if (replicas.min <= replicas.max) return [];
  return [{ key: "replicas.min", value: replicas.min, expected: `at most replicas.max, which is ${replicas.max}` }];
}

function spotProblems({ spot }: Pick<Values, "spot">): Problem[] {
  if (spot.onDemandWeight + spot.spotWeight > 0) return [];
  return [{ key: "spot", value: spot, expected: "a weight above 0 for on-demand, for Spot or for both" }];
}
