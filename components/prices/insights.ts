import type { Declared, Period } from "./declared";
import type { Item } from "./line";

/**
 * Observations a minute on the average, by AWS's own example beside the prices of CloudWatch. Namespaces, services and workloads are left
 * out: together they come to less than one USD a month.
 */
const perMinute = { cluster: 1720, node: 68, pod: 138, container: 21 };
const perPod = perMinute.pod + perMinute.container;

/** Two of metrics-server and the add-on's own operator. */
const standingPods = 3;

/** CloudWatch's agent and Fluent Bit. */
const agentsPerNode = 2;

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

/** A cluster of ours and the pods that it has for us. */
export const watchedCluster = (pods: number, period: Period): Item =>
  observed("Container Insights, cluster and pods", perMinute.cluster + (standingPods + pods) * perPod, period);

/** Each machine with the agents that watch it. */
export const watchedNodes = (name: string, nodes: number, period: Period): Item =>
  observed(`${name}, Container Insights`, nodes * (perMinute.node + agentsPerNode * perPod), period);

/** Per task and hour: ECS counts metrics, and how many a task has is told by nobody but a rule of thumb. */
export const watchedTasks = (tasks: number, { hours }: Period): Item => ({
  side: "ecs",
  item: "Container Insights",
  price: "container-insights-task",
  factors: [
    [tasks, "task"],
    [hours, "h"],
  ],
});

/** Whether ECS watches its containers closely. */
export const watchesTasks = (declared: readonly Declared[]) =>
  declared
    .filter(({ type }) => type === "aws:ecs/cluster:Cluster")
    .some(({ inputs: { settings } }) => Array.isArray(settings) && settings.some(({ value }) => value === "enhanced"));

/** Whether CloudWatch's add-on is in the cluster: whoever made one that is given says what watches it. */
export const watchesPods = (declared: readonly Declared[]) =>
  declared.some(
    ({ type, inputs }) => type === "aws:eks/addon:Addon" && inputs.addonName === "amazon-cloudwatch-observability",
  );
