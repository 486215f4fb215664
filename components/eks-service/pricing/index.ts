import type { Period, Priceable } from "../../pricing";
import type { Item } from "../../pricing/line";
import { averageReplicas, sharesOf } from "../../pricing/windows";
import type { TargetPricing } from "../../targets/target";
import { capacityMix } from "../capacity";
import { hasAddon, watchedCluster } from "./insights";
import { machines, systemMachine } from "./machines";

export const pricing: TargetPricing = {
  items: podItems,
  replicas: ({ region, podZones, nodeCpu, spec, spot, bounds }, count, period) =>
    machines(
      { pods: count, variants: 1 },
      spec,
      capacityMix(spot, bounds),
      { region, zones: podZones, cpu: nodeCpu, insights: "off" },
      period,
    ),
};

/** The price of the nodes of all pods, with their Container Insights metrics. */
function podItems(stack: Priceable, replicas: number, period: Period): Item[] {
  const { declared, spec, region, windows } = stack;
  const mix = capacityMix(stack.spot, stack.bounds);
  const count = (type: string) => declared.filter((resource) => resource.type === type).length;
  const variants = count("kubernetes:apps/v1:Deployment");
  const pods = variants * averageReplicas(replicas, windows);
  const insights = hasAddon(declared) ? stack.insights : "off";
  const place = { region, zones: stack.podZones, cpu: stack.nodeCpu, insights };
  return [
    ...(count("eks:index:Cluster") > 0 ? systemMachine(place, period) : []),
    ...sharesOf(replicas, windows).flatMap(({ share, replicas: each }) => {
      const part = { hours: share * period.hours, months: share * period.months };
      return share > 0 ? machines({ pods: variants * each, variants }, spec, mix, place, part) : [];
    }),
    ...watchedCluster(place.insights, { pods, variants }, period),
    ...requestedMetrics(count("kubernetes:apps/v1:StatefulSet"), period),
  ];
}

/** A request scaler asks for one metric every minute. */
function requestedMetrics(scalers: number, { hours }: Period): Item[] {
  if (scalers === 0) return [];
  const factors = [
    [scalers, "request scaler"],
    [60 / 1e3, "(thousand an hour)"],
    [hours, "h"],
  ] as const;
  return [{ side: "eks", item: "Request metrics", price: "requested-metrics", factors }];
}
