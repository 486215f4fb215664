import type { Insights } from "../../core/service-spec";
import type { Declared, Period } from "../../pricing";
import { type Item, metered } from "../../pricing/line";

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

/** AWS's pricing page as github.com/aws/containers-roadmap/issues/672 quotes it (2020-04-19): pods and services count by name. */
const onEks = { cluster: 24, node: 8, pod: 9, service: 6 };

/** Names of pods that are not ours: metrics-server, the operator, the agent and Fluent Bit. The last has no Service. */
const standing = { pods: 4, services: 3 };

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

/** Whether CloudWatch's add-on is in the cluster: the owner of an existing cluster decides what watches it. */
export const hasAddon = (declared: readonly Declared[]) =>
  declared.some(
    ({ type, inputs }) => type === "aws:eks/addon:Addon" && inputs.addonName === "amazon-cloudwatch-observability",
  );
