import type { ServiceSpec } from "../service-spec";
import type { Period } from "./declared";
import { watchedNodes } from "./insights";
import { hoursPerMonth, type Item, usdOf } from "./line";
import { type Node, type Room, roomsFor } from "./nodes";
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

export interface Place {
  readonly region: string;
  /** Zones that the pods spread over. */
  readonly zones: number;
  /** CloudWatch's agents count what is on each machine, and that is billed. */
  readonly watched: boolean;
}

/** What is paid for a machine: the share of its on-demand price, and whether it is watched. */
interface Terms {
  readonly share: number;
  readonly watched: boolean;
}

/** A small one of Auto Mode's system pool, for what runs in every cluster. */
export function systemMachine({ region, watched }: Place, period: Period): Item[] {
  const small = { architecture: "arm64", cpuUnits: 256, memoryMiB: 512 } as const;
  const terms = { share: 1, watched };
  return rented("System node", [cheapest(1, small, terms, region)], terms, period);
}

/**
 * Machines for the pods, in a cluster of ours or of somebody else: each zone has its part of the pods, on as few and as small machines as
 * Auto Mode ends with when it has consolidated. A fraction of a pod costs that fraction of the next one.
 */
export function machines(pods: number, spec: Size, spot: Spot, place: Place, period: Period): Item[] {
  const { region, zones, watched } = place;
  const terms = { share: spotShare(spot, region), watched };
  const [fewer, fraction] = [Math.floor(pods), pods % 1];
  const fleets = [
    { count: fewer, weight: 1 - fraction },
    { count: fewer + 1, weight: fraction },
  ].flatMap(({ count, weight }) =>
    perZone(count, zones).map((inZone) => {
      const { node, count: many } = cheapest(inZone, spec, terms, region);
      return { node, count: many * weight };
    }),
  );
  return rented("Nodes", byType(fleets), terms, period);
}

/** Machines of one kind; a part of one is what a fraction of a pod costs. */
interface Fleet {
  readonly node: Node;
  readonly count: number;
}

/** As even as it gets. */
const perZone = (pods: number, zones: number) =>
  Array.from({ length: zones }, (_, zone) => Math.floor((pods + zone) / zones)).filter((count) => count > 0);

function byType(fleets: readonly Fleet[]): Fleet[] {
  const total = (type: string) => fleets.reduce((sum, { node, count }) => (node.type === type ? sum + count : sum), 0);
  const first = fleets.filter(
    ({ node }, index) => fleets.findIndex((fleet) => fleet.node.type === node.type) === index,
  );
  return first.map(({ node }) => ({ node, count: total(node.type) })).filter(({ count }) => count > 0);
}

/** Of the ways to hold so many pods, with all that is billed for a machine. */
function cheapest(pods: number, pod: Size, terms: Terms, region: string): Fleet {
  const usd = ({ room, usdPerHour }: Choice) => Math.ceil(pods / room.pods) * usdPerHour;
  const { room } = choices(pod, terms, region).reduce((best, choice) => (usd(choice) < usd(best) ? choice : best));
  return { node: room.node, count: Math.ceil(pods / room.pods) };
}

interface Choice {
  readonly room: Room;
  readonly usdPerHour: number;
}

const known = new Map<string, readonly Choice[]>();

/** Worked out once: thousands of loads are priced to find where one way gets cheaper than another. */
function choices(pod: Size, terms: Terms, region: string): readonly Choice[] {
  const key = [pod.architecture, pod.cpuUnits, pod.memoryMiB, terms.share, terms.watched, region].join();
  const found = known.get(key);
  if (found) return found;
  const hour = { hours: 1, months: 1 / hoursPerMonth };
  const made = roomsFor(pod).map((room) => {
    const items = rented("", [{ node: room.node, count: 1 }], terms, hour);
    return { room, usdPerHour: items.reduce((sum, item) => sum + usdOf(region, item), 0) };
  });
  known.set(key, made);
  return made;
}

/** One weight on Spot and the pool takes Spot wherever there is some. */
function spotShare({ spotWeight }: Spot, region: string): number {
  return spotWeight > 0 ? 1 - priceIn(region, "ec2-spot-saving").value / 100 : 1;
}

function rented(name: string, fleets: readonly Fleet[], { share, watched }: Terms, period: Period): Item[] {
  const { hours, months } = period;
  const paid = share === 1 ? [] : [[share, "(Spot)"] as const];
  const count = fleets.reduce((sum, fleet) => sum + fleet.count, 0);
  if (count === 0) return [];
  const volumes: Item = {
    side: "eks",
    item: `${name}, volumes`,
    price: "gp3",
    factors: [
      [count, "node"],
      [volumeGb, "GB"],
      [months, "month"],
    ],
  };
  const running = fleets.flatMap(({ node: { type, price, larges }, count: many }): Item[] => {
    const family = [[many, "node"] as const, [larges, `(larges in a ${type})`] as const];
    const item = `${name}, ${type}`;
    return [
      { side: "eks", item: share === 1 ? item : `${item} Spot`, price, factors: [...family, ...paid, [hours, "h"]] },
      {
        side: "eks",
        item: `${item}, Auto Mode fee`,
        price,
        factors: [...family, [autoModeShare, "(fee)"], [hours, "h"]],
      },
    ];
  });
  return [...running, volumes, ...(watched ? [watchedNodes(name, count, period)] : [])];
}

/** The fee is a share of the on-demand price, whatever the machine itself costs on Spot. */
const autoModeShare = priceIn("global", "eks-auto-share").value / 100;
