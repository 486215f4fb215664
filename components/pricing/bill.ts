import type { Capacity } from "../core/capacity";
import type { NodeCpu } from "../core/node-cpu";
import { type Bounds, type Window, widestBounds } from "../core/schedule";
import type { Insights, ServiceSpec } from "../core/service-spec";
import { awsTargets } from "../targets";
import { type Declared, facesInternet, fixedCosts } from "./fixed-costs";
import { hoursPerMonth, type Item, type Line, priced, type Side, usdOf } from "./line";
import { type Traffic, traffic } from "./traffic";
import type { Inference } from "./workload";

export type ReplicaSize = Pick<ServiceSpec, "architecture" | "cpuUnits" | "memoryMiB" | "ephemeralStorageGiB">;

/** Everything that decides the price of a stack. */
export interface Priceable {
  readonly region: string;
  readonly declared: readonly Declared[];
  readonly spec: ReplicaSize;
  readonly spot: Capacity;
  /** The smallest and the largest number of replicas at any time: on EKS they decide which part of the pods is on Spot. */
  readonly bounds: Bounds;
  readonly insights: Insights;
  /** When replicas have other bounds. */
  readonly windows: readonly Window[];
  /** Zones in which a load balancer on the internet has an address. */
  readonly publicZones: number;
  /** Zones that pods spread over. */
  readonly podZones: number;
  /** Of the nodes that pods run on. */
  readonly nodeCpu: NodeCpu;
  /** The size of the image if it is known, otherwise the budget of the built-in image. */
  readonly imageGb?: number;
  /** What one inference costs; otherwise the figures of our server. */
  readonly inference?: Inference;
}

interface Chosen {
  readonly region: string;
  readonly network:
    | { readonly zones: number }
    | { readonly publicSubnetIds: readonly string[]; readonly privateSubnetIds: readonly string[] };
  readonly eks: { readonly cpu: NodeCpu };
}

/** A stack's settings and what it declares, as the bill needs them. */
export function priceable(
  { region, network, eks }: Chosen,
  spec: ReplicaSize & Pick<ServiceSpec, "capacity" | "insights" | "replicas" | "schedule">,
  declared: readonly Declared[],
): Priceable {
  const { capacity: spot, insights } = spec;
  const windows = Object.values(spec.schedule);
  const bounds = widestBounds(spec.replicas, windows);
  const publicZones = "zones" in network ? network.zones : network.publicSubnetIds.length;
  return {
    region,
    declared,
    spec,
    spot,
    bounds,
    insights,
    windows,
    publicZones,
    podZones: zonesOf(network),
    nodeCpu: eks.cpu,
  };
}

/** Zones with private subnets, where tasks and pods run. */
export const zonesOf = (network: Chosen["network"]) =>
  "zones" in network ? network.zones : network.privateSubnetIds.length;

export interface Load extends Traffic {
  readonly hours: number;
  /** The number of replicas of each variant. */
  readonly replicas: number;
}

/** The bill of one period, line by line. */
export const bill = (stack: Priceable, load: Load): Line[] =>
  items(stack, load).map((item) => priced(stack.region, item));

/** Its sum. */
export const total = (stack: Priceable, load: Load): number =>
  items(stack, load).reduce((usd, item) => usd + usdOf(stack.region, item), 0);

function items(stack: Priceable, { hours, replicas, ...load }: Load): Item[] {
  const period = { hours, months: hours / hoursPerMonth };
  const { declared } = stack;
  const count = (type: string) => declared.filter((resource) => resource.type === type).length;
  return [
    ...fixedCosts(declared, period),
    ...(facesInternet(declared) ? [addresses(stack.publicZones, hours)] : []),
    ...(count("aws:ecr/repository:Repository") > 0 ? [image(stack.imageGb ?? imageBudgetGb, period.months)] : []),
    ...awsTargets.flatMap((target) => target.pricing.items(stack, replicas, period)),
    ...traffic(declared, load, period, stack.inference),
  ];
}

const addresses = (zones: number, hours: number): Item => ({
  side: "shared",
  item: "Addresses of the load balancer",
  price: "ipv4",
  factors: [
    [zones, "address"],
    [hours, "h"],
  ],
});

/** A budget, not a measurement: a test fails when the uncompressed image is larger. ECR bills the compressed size. */
export const imageBudgetGb = 0.35;

/** One image. Every further image in the repository adds at most as much: images share layers. */
const image = (gb: number, months: number): Item => ({
  side: "shared",
  item: "Image in the repository",
  price: "ecr",
  factors: [
    [gb, "GB (at most)"],
    [months, "month"],
  ],
});

export const sum = (lines: readonly Line[]) => lines.reduce((usd, line) => usd + line.usd, 0);

export const sumOf = (lines: readonly Line[], side: Side) => sum(lines.filter((line) => line.side === side));
