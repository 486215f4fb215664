import type { Period, Priceable } from "../../pricing";
import type { Item } from "../../pricing/line";
import type { TargetPricing } from "../../targets/target";
import { hasAddon, watchedCluster } from "./insights";
import { machines, systemMachine } from "./machines";

export const pricing: TargetPricing = {
  items: podItems,
  replicas: ({ region, podZones, spec, spot }, count, period) =>
    machines(count, spec, spot, { region, zones: podZones, insights: "off" }, period),
};

/** The price of the nodes of all pods, with their Container Insights metrics. */
function podItems(stack: Priceable, replicas: number, period: Period): Item[] {
  const { declared, spec, spot, region } = stack;
  const count = (type: string) => declared.filter((resource) => resource.type === type).length;
  const variants = count("kubernetes:apps/v1:Deployment");
  const pods = variants * replicas;
  const place = { region, zones: stack.podZones, insights: hasAddon(declared) ? stack.insights : "off" } as const;
  return [
    ...(count("eks:index:Cluster") > 0 ? systemMachine(place, period) : []),
    ...machines(pods, spec, spot, place, period),
    ...watchedCluster(place.insights, { pods, variants }, period),
  ];
}
