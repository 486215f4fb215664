import { shareOf, type Window } from "../core/schedule";
import type { Insights, ServiceSpec } from "../core/service-spec";
import { type Declared, facesInternet, fixedCosts } from "./declared";
import { hasAddon, watchedCluster, watchedTasks } from "./insights";
import { hoursPerMonth, type Item, type Line, priced, type Side, usdOf } from "./line";
import { fargate, machines, type Spot, systemMachine } from "./replicas";
import { type Traffic, traffic } from "./traffic";

/** All that decides what a stack costs, as it is declared. */
export interface Priceable {
  readonly region: string;
  readonly declared: readonly Declared[];
  readonly spec: Pick<ServiceSpec, "architecture" | "cpuUnits" | "memoryMiB">;
  readonly spot: Spot;
  readonly insights: Insights;
  /** When ECS keeps other bounds; EKS knows no windows. */
  readonly windows: readonly Window[];
  /** Zones in which a load balancer on the internet has an address. */
  readonly publicZones: number;
  /** Zones that pods spread over. */
  readonly podZones: number;
  /** Of the image, where it is known; else the budget of the built-in one. */
  readonly imageGb?: number;
}

interface Chosen {
  readonly region: string;
  readonly spot: Spot;
  readonly insights: Insights;
  readonly schedule: Readonly<Record<string, Window>>;
  readonly network:
    | { readonly zones: number }
    | { readonly publicSubnetIds: readonly string[]; readonly privateSubnetIds: readonly string[] };
}

/** A stack's settings and what it declares, as the bill needs them. */
export function priceable(chosen: Chosen, spec: Priceable["spec"], declared: readonly Declared[]): Priceable {
  const { region, spot, insights, network } = chosen;
  const windows = Object.values(chosen.schedule);
  const publicZones = "zones" in network ? network.zones : network.publicSubnetIds.length;
  return { region, declared, spec, spot, insights, windows, publicZones, podZones: zonesOf(network) };
}

/** Zones with private subnets, where tasks and pods run. */
export const zonesOf = (network: Chosen["network"]) =>
  "zones" in network ? network.zones : network.privateSubnetIds.length;

export interface Load extends Traffic {
  readonly hours: number;
  /** Of each variant. */
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
  const { declared, spec, spot, region } = stack;
  const count = (type: string) => declared.filter((resource) => resource.type === type).length;
  const services = count("aws:ecs/service:Service");
  const variants = count("kubernetes:apps/v1:Deployment");
  const tasks = services * averageTasks(replicas, stack.windows);
  const pods = variants * replicas;
  const place = { region, zones: stack.podZones, insights: hasAddon(declared) ? stack.insights : "off" } as const;
  return [
    ...fixedCosts(declared, period),
    ...(facesInternet(declared) ? [addresses(stack.publicZones, hours)] : []),
    ...(count("aws:ecr/repository:Repository") > 0 ? [image(stack.imageGb ?? imageBudgetGb, period.months)] : []),
    ...(tasks > 0 ? fargate(tasks, spec, spot, period) : []),
    ...(tasks > 0 ? watchedTasks(stack.insights, { tasks, services }, period) : []),
    ...(count("eks:index:Cluster") > 0 ? systemMachine(place, period) : []),
    ...machines(pods, spec, spot, place, period),
    ...watchedCluster(place.insights, { pods, variants }, period),
    ...traffic(declared, load, period),
  ];
}

/** Over a week: in a window its own bounds hold. */
function averageTasks(usual: number, windows: readonly Window[]): number {
  const within = windows.map((window) => ({
    share: shareOf(window),
    tasks: Math.min(Math.max(usual, window.min), window.max),
  }));
  const outside = within.reduce((rest, { share }) => rest - share, 1);
  return within.reduce((tasks, one) => tasks + one.share * one.tasks, outside * usual);
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

/** A budget, not a measurement: what the image may be at most, uncompressed, or its test fails. ECR bills what it is compressed. */
export const imageBudgetGb = 0.35;

/** One image; each further one that the repository keeps adds as much, less what they share. */
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
