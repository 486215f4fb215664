import type { ServiceSpec } from "../service-spec";
import type { Period } from "./declared";
import type { Item } from "./line";
import { type Node, nodeFor } from "./nodes";
import { priceIn } from "./table";

export interface Spot {
  readonly onDemandBase: number;
  readonly onDemandWeight: number;
  readonly spotWeight: number;
}

type Size = Pick<ServiceSpec, "architecture" | "cpuUnits" | "memoryMiB">;

/** The share of tasks that ECS starts on Spot in the long run, a fraction of a task included. */
export function onSpot(replicas: number, { onDemandBase, onDemandWeight, spotWeight }: Spot): number {
  const beyondBase = Math.max(0, replicas - onDemandBase);
  return (beyondBase * spotWeight) / (onDemandWeight + spotWeight);
}

/** Both halves of a task: its vCPU and its memory. */
export function fargate(replicas: number, spec: Size, spot: Spot, { hours }: Period): Item[] {
  const cheap = onSpot(replicas, spot);
  const kinds = [
    { name: "Fargate", tasks: replicas - cheap, prefix: "fargate" },
    { name: "Fargate Spot", tasks: cheap, prefix: "fargate-spot" },
  ] as const;
  return kinds
    .filter(({ tasks }) => tasks > 0)
    .flatMap(({ name, tasks, prefix }): Item[] => {
      const [many, time] = [[tasks, "task"] as const, [hours, "h"] as const];
      const vcpu = [spec.cpuUnits / 1024, "vCPU"] as const;
      const gb = [spec.memoryMiB / 1024, "GB"] as const;
      return [
        {
          side: "ecs",
          item: `${name}, vCPU`,
          price: `${prefix}-${spec.architecture}-vcpu`,
          factors: [many, vcpu, time],
        },
        { side: "ecs", item: `${name}, memory`, price: `${prefix}-${spec.architecture}-gb`, factors: [many, gb, time] },
      ];
    });
}

/** The default of Auto Mode's own class of machines. */
const volumeGb = 80;

/** A small one of Auto Mode's system pool, for what runs in every cluster. */
export function systemMachine(region: string, period: Period): Item[] {
  const small = { architecture: "arm64", cpuUnits: 256, memoryMiB: 512 } as const;
  return rented("System node", 1, nodeFor(small, region), 1, period);
}

/** Machines for the pods, in a cluster of ours or of somebody else. */
export const machines = (pods: number, spec: Size, spot: Spot, region: string, period: Period): Item[] =>
  rented("Nodes", pods, nodeFor(spec, region), spotShare(spot, region), period);

/** One weight on Spot and the pool takes Spot wherever there is some. */
function spotShare({ spotWeight }: Spot, region: string): number {
  return spotWeight > 0 ? 1 - priceIn(region, "ec2-spot-saving").value / 100 : 1;
}

function rented(name: string, count: number, node: Node, share: number, { hours, months }: Period): Item[] {
  if (count === 0) return [];
  const family = [node.larges, `(larges in a ${node.type})`] as const;
  const base = { side: "eks", price: node.price } as const;
  const many = [count, "node"] as const;
  const paid = share === 1 ? [] : [[share, "(Spot)"] as const];
  return [
    {
      ...base,
      item: `${name}, ${node.type}${share === 1 ? "" : " Spot"}`,
      factors: [many, family, ...paid, [hours, "h"]],
    },
    { ...base, item: `${name}, Auto Mode fee`, factors: [many, family, [autoModeShare, "(fee)"], [hours, "h"]] },
    { side: "eks", item: `${name}, volumes`, price: "gp3", factors: [many, [volumeGb, "GB"], [months, "month"]] },
  ];
}

/** The fee is a share of the on-demand price, whatever the machine itself costs on Spot. */
const autoModeShare = priceIn("global", "eks-auto-share").value / 100;

/** Per task and hour, where the cluster watches its containers closely. */
export const watched = (replicas: number, { hours }: Period): Item => ({
  side: "ecs",
  item: "Container Insights",
  price: "container-insights-task",
  factors: [
    [replicas, "task"],
    [hours, "h"],
  ],
});
