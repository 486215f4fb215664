import type { NodeCpu } from "../../core/node-cpu";
import type { Insights } from "../../core/service-spec";
import type { Period, ReplicaSize } from "../../pricing";
import { hoursPerMonth, type Item, usdOf } from "../../pricing/line";
import { priceIn } from "../../pricing/table";
import { type CapacityMix, onDemandPods } from "../capacity";
import { watchedNodes } from "./insights";
import { type Node, type Room, roomsFor } from "./nodes";

/** The default of Auto Mode's node class. */
const volumeGb = 80;

export interface MachineSettings {
  readonly region: string;
  /** Zones that the pods spread over. */
  readonly zones: number;
  readonly cpu: NodeCpu;
  /** CloudWatch bills the metrics of each machine. */
  readonly insights: Insights;
}

/** The price of a machine: a share of its on-demand price, and its metrics. */
interface Terms {
  readonly share: number;
  readonly cpu: NodeCpu;
  readonly insights: Insights;
}

/** A small node of the system pool, for the pods that every cluster has. */
export function systemMachine(
  { region, insights }: Pick<MachineSettings, "region" | "insights">,
  period: Period,
): Item[] {
  const small = { architecture: "arm64", cpuUnits: 256, memoryMiB: 512 } as const;
  const terms = { share: 1, cpu: "any", insights } as const;
  return rented("System node", cheapest(1, small, terms, region), terms, period);
}

/**
 * Machines for the pods of all variants: each zone, or each part of a mix where there are more of them, has its part of the pods, on the cheapest mix of
 * machines that holds them. Karpenter consolidates towards that mix (it deletes a node, or replaces nodes by one cheaper node) and may stop
 * before it. A fraction of a pod costs that fraction of the next one.
 */
export function machines(
  { pods, variants }: { readonly pods: number; readonly variants: number },
  spec: ReplicaSize,
  mix: CapacityMix,
  { region, zones, cpu, insights }: MachineSettings,
  period: Period,
): Item[] {
  const groups = Math.max(zones, mix.parts);
  const onDemandGroups = Math.ceil((groups * mix.onDemandParts) / mix.parts);
  const onDemand = (count: number) =>
    evenly(count, variants).reduce((sum, ofVariant) => sum + onDemandPods(mix, ofVariant), 0);
  const spotGroups = groups - onDemandGroups;
  const kinds = [
    { name: "Nodes", share: 1, groups: onDemandGroups, podsOf: onDemand },
    {
      name: "Spot nodes",
      share: spotShare(region),
      groups: spotGroups,
      podsOf: (count: number) => count - onDemand(count),
    },
  ];
  const [fewer, fraction] = [Math.floor(pods), pods % 1];
  return kinds.flatMap(({ name, share, groups: many, podsOf }) => {
    const terms = { share, cpu, insights };
    const fleets = [
      { count: fewer, weight: 1 - fraction },
      { count: fewer + 1, weight: fraction },
    ].flatMap(({ count, weight }) =>
      evenly(podsOf(count), many).flatMap((inGroup) =>
        cheapest(inGroup, spec, terms, region).map(({ node, count: nodes }) => ({ node, count: nodes * weight })),
      ),
    );
    return rented(name, byType(fleets), terms, period);
  });
}

/** Machines of one kind; a part of one is what a fraction of a pod costs. */
interface Fleet {
  readonly node: Node;
  readonly count: number;
}

/** As even as it gets. */
const evenly = (pods: number, groups: number) =>
  Array.from({ length: groups }, (_, group) => Math.floor((pods + group) / groups)).filter((count) => count > 0);

function byType(fleets: readonly Fleet[]): Fleet[] {
  const total = (type: string) => fleets.reduce((sum, { node, count }) => (node.type === type ? sum + count : sum), 0);
  const first = fleets.filter(
    ({ node }, index) => fleets.findIndex((fleet) => fleet.node.type === node.type) === index,
  );
  return first.map(({ node }) => ({ node, count: total(node.type) })).filter(({ count }) => count > 0);
}

/** The mix of machines for so many pods, with all that is billed for a machine. */
function cheapest(pods: number, pod: ReplicaSize, terms: Terms, region: string): Fleet[] {
  const packing = packingFor(pod, terms, region);
  const nodes: Node[] = [];
  for (let left = pods; left > 0; ) {
    const { room } = lastMachine(packing, left);
    nodes.push(room.node);
    left -= room.pods;
  }
  return byType(nodes.map((node) => ({ node, count: 1 })));
}

interface Choice {
  readonly room: Room;
  readonly usdPerHour: number;
}

/** For each number of pods: the machine that completes the cheapest mix, and what the mix costs. */
interface Packing {
  readonly choices: readonly Choice[];
  readonly last: Choice[];
  readonly usdPerHour: number[];
}

/** The cheapest mix for fewer pods is part of the one for more. */
function lastMachine({ choices, last, usdPerHour }: Packing, pods: number): Choice {
  for (let held = last.length; held <= pods; held += 1) {
    const usd = ({ room, usdPerHour: own }: Choice) => own + (usdPerHour[Math.max(0, held - room.pods)] ?? 0);
    const best = choices.reduce((one, other) => (usd(other) < usd(one) ? other : one));
    last[held] = best;
    usdPerHour[held] = held === 0 ? 0 : usd(best);
  }
  return last[pods] as Choice;
}

const known = new Map<string, Packing>();

/** Cached: compare prices thousands of loads to find where one platform becomes cheaper. */
function packingFor(pod: ReplicaSize, terms: Terms, region: string): Packing {
  const key = [pod.architecture, pod.cpuUnits, pod.memoryMiB, terms.share, terms.cpu, terms.insights, region].join();
  const found = known.get(key);
  if (found) return found;
  const hour = { hours: 1, months: 1 / hoursPerMonth };
  const choices = roomsFor(pod, terms.cpu).map((room) => {
    const items = rented("", [{ node: room.node, count: 1 }], terms, hour);
    return { room, usdPerHour: items.reduce((sum, item) => sum + usdOf(region, item), 0) };
  });
  const made = { choices, last: [], usdPerHour: [] };
  known.set(key, made);
  return made;
}

/** What a machine costs on Spot, as a share of its on-demand price. Karpenter takes Spot where it has capacity. */
const spotShare = (region: string) => 1 - priceIn(region, "ec2-spot-saving").value / 100;

function rented(name: string, fleets: readonly Fleet[], { share, insights }: Terms, period: Period): Item[] {
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
      { side: "eks", item, price, factors: [...family, ...paid, [hours, "h"]] },
      {
        side: "eks",
        item: `${item}, Auto Mode fee`,
        price,
        factors: [...family, [autoModeShare, "(fee)"], [hours, "h"]],
      },
    ];
  });
  return [...running, volumes, ...watchedNodes(insights, name, count, period)];
}

/** The fee is a share of the on-demand price, whatever the machine itself costs on Spot. */
const autoModeShare = priceIn("global", "eks-auto-share").value / 100;
