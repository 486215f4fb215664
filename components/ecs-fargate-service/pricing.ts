import { type Capacity, onDemandReplicas } from "../core/capacity";
import type { Insights } from "../core/service-spec";
import type { Period, Priceable, ReplicaSize } from "../pricing";
import { type Item, metered } from "../pricing/line";
import { averageReplicas } from "../pricing/windows";
import type { TargetPricing } from "../targets/target";

export const pricing: TargetPricing = {
  items: taskItems,
  replicas: ({ spec, spot }, count, period) => fargate(count, spec, spot, period),
};

/** The price of the tasks of all services, with their Container Insights metrics. */
function taskItems({ declared, spec, spot, windows, insights }: Priceable, replicas: number, period: Period): Item[] {
  const services = declared.filter(({ type }) => type === "aws:ecs/service:Service").length;
  const tasks = services * averageReplicas(replicas, windows);
  if (tasks === 0) return [];
  const watched = ownsCluster(declared) ? watchedTasks(insights, { tasks, services }, period) : [];
  return [...fargate(tasks, spec, spot, period), ...watched];
}

/** The owner of an existing cluster decides what watches it. */
const ownsCluster = (declared: Priceable["declared"]) =>
  declared.some(({ type }) => type === "aws:ecs/cluster:Cluster");

/** Both halves of a task: its vCPU and its memory. */
function fargate(replicas: number, spec: ReplicaSize, spot: Capacity, { hours }: Period): Item[] {
  const onDemand = onDemandReplicas(spot, replicas);
  const kinds = [
    { name: "Fargate", tasks: onDemand, prefix: "fargate" },
    { name: "Fargate Spot", tasks: replicas - onDemand, prefix: "fargate-spot" },
  ] as const;
  const ofTasks = kinds
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
  return [...ofTasks, ...storage(replicas, spec, hours)];
}

/** A task has so much without a charge. */
const includedGb = 20;

function storage(replicas: number, { ephemeralStorageGiB = includedGb }: ReplicaSize, hours: number): Item[] {
  const beyond = ephemeralStorageGiB - includedGb;
  if (beyond <= 0 || replicas === 0) return [];
  const item = `Fargate, ephemeral storage above ${includedGb} GB`;
  return [
    {
      side: "ecs",
      item,
      price: "fargate-storage",
      factors: [
        [replicas, "task"],
        [beyond, "GB"],
        [hours, "h"],
      ],
    },
  ];
}

/** Metrics that CloudWatch bills by the month. */
interface Metrics {
  readonly cluster: number;
  readonly service: number;
  /** Of each task or node. */
  readonly each: number;
}

/**
 * One service on Fargate with a health check, without a restart policy and without EBS, in every set of dimensions that AWS lists:
 * CloudWatch User Guide, "Amazon ECS Container Insights with enhanced observability metrics" and "Amazon ECS Container Insights metrics".
 */
const onEcs: Readonly<Record<"standard" | "enhanced", Metrics>> = {
  // Of a cluster and of a service: what its tasks use; of a service also the counts of tasks, and its task definition's family.
  standard: { cluster: 10 + 2, service: 10 + 5 + 10, each: 0 },
  // As well by container, and for each task: by its service and by its family.
  enhanced: { cluster: 16 + 8 + 2, service: 16 + 8 + 5 + (16 + 8), each: 2 * (16 + 8) },
};

/** The cluster of the stack, its services and their tasks. */
function watchedTasks(
  insights: Insights,
  { tasks, services }: { readonly tasks: number; readonly services: number },
  period: Period,
): Item[] {
  if (insights === "off") return [];
  const { cluster, service, each } = onEcs[insights];
  const price = insights === "enhanced" ? "container-insights-metric" : "custom-metric";
  return [metered("ecs", "Container Insights", price, cluster + services * service + tasks * each, period)];
}
