import type { Insights } from "../core/service-spec";
import type { Declared, Period } from "./declared";
import type { Item, Side } from "./line";

/**
 * Observations a minute on average, from AWS's own example beside the prices of CloudWatch. Namespaces, services and workloads are left
 * out: together they come to less than one USD a month.
 */
const perMinute = { cluster: 1720, node: 68, pod: 138, container: 21 };
const perPod = perMinute.pod + perMinute.container;

/** Two of metrics-server and the add-on's own operator. */
const standingPods = 3;

/** CloudWatch's agent and Fluent Bit. */
const agentsPerNode = 2;

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

/** AWS's pricing page as github.com/aws/containers-roadmap/issues/672 quotes it (2020-04-19): pods and services count by name. */
const onEks = { cluster: 24, node: 8, pod: 9, service: 6 };

/** Names of pods that are not ours: metrics-server, the operator, the agent and Fluent Bit. The last has no Service. */
const standing = { pods: 4, services: 3 };

const metered = (side: Side, item: string, price: Item["price"], metrics: number, { months }: Period): Item => ({
  side,
  item,
  price,
  factors: [
    [metrics, "metric"],
    [months, "month"],
  ],
});

const observed = (item: string, observationsPerMinute: number, { hours }: Period): Item => ({
  side: "eks",
  item,
  price: "container-insights-observations",
  factors: [
    [observationsPerMinute / 1e6, "(million a minute)"],
    [60, "min"],
    [hours, "h"],
  ],
});

/** A cluster of the stack and its pods. */
export function watchedCluster(
  insights: Insights,
  { pods, variants }: { readonly pods: number; readonly variants: number },
  period: Period,
): Item[] {
  if (insights === "off") return [];
  const item = "Container Insights, cluster and pods";
  if (insights === "enhanced") return [observed(item, perMinute.cluster + (standingPods + pods) * perPod, period)];
  const { cluster, pod, service } = onEks;
  const metrics = cluster + (standing.pods + variants) * pod + (standing.services + variants) * service;
  return [metered("eks", item, "custom-metric", metrics, period)];
}

/** Each machine, with the agents on it. */
export function watchedNodes(insights: Insights, name: string, nodes: number, period: Period): Item[] {
  if (insights === "off") return [];
  const item = `${name}, Container Insights`;
  if (insights === "enhanced") return [observed(item, nodes * (perMinute.node + agentsPerNode * perPod), period)];
  return [metered("eks", item, "custom-metric", nodes * onEks.node, period)];
}

/** The cluster of the stack, its services and their tasks. */
export function watchedTasks(
  insights: Insights,
  { tasks, services }: { readonly tasks: number; readonly services: number },
  period: Period,
): Item[] {
  if (insights === "off") return [];
  const { cluster, service, each } = onEcs[insights];
  const price = insights === "enhanced" ? "container-insights-metric" : "custom-metric";
  return [metered("ecs", "Container Insights", price, cluster + services * service + tasks * each, period)];
}

/** Whether CloudWatch's add-on is in the cluster: the owner of an existing cluster decides what watches it. */
export const hasAddon = (declared: readonly Declared[]) =>
  declared.some(
    ({ type, inputs }) => type === "aws:eks/addon:Addon" && inputs.addonName === "amazon-cloudwatch-observability",
  );
