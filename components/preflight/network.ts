import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Problem } from "../core/problems";
import type { Settings } from "../settings";
import { ask } from "./ask";
import { vpcProblems } from "./network-moves";
import type { Running } from "./running";
import { readSubnets, subnetProblems } from "./subnets";

/**
 * Zones in which EKS creates no cluster (https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html), or Fargate runs no task
 * (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/AWS_Fargate-Regions.html).
 */
const unfit = ["use1-az3", "usw1-az2", "cac1-az3", "apne1-az3"];

interface ZonesAnswer {
  /** The zones of a VPC that the stack creates. ECS and EKS use the same ones, so a flip moves no subnet. */
  readonly zones: readonly string[];
  readonly problems: readonly Problem[];
}

/** Zones of the region itself: an account may have opted into Local Zones, which come before them by name and take no cluster. */
async function findZones(
  { region, network }: Pick<Settings, "region" | "network">,
  opts: pulumi.InvokeOptions,
): Promise<ZonesAnswer> {
  if ("vpcId" in network) return { zones: [], problems: [] };
  const { names = [], zoneIds = [] } = (await ask(`the zones of ${region}`, aws.getAvailabilityZones({}, opts))) ?? {};
  const there = names.filter(
    (name, index) => /^[a-z]$/.test(name.replace(region, "")) && !unfit.includes(zoneIds[index] ?? ""),
  );
  const zones = there.sort().slice(0, network.zones);
  const expected = `at most ${there.length}, as many as ${region} has for tasks and a cluster`;
  const isEnough = zones.length === network.zones;
  return { zones, problems: isEnough ? [] : [{ key: "network.zones", value: network.zones, expected }] };
}

/** The stack's zones and subnets in the account. */
export interface FoundPlace extends ZonesAnswer {
  /** The zones with subnets for replicas, in a VPC of either kind. */
  readonly replicaZones: readonly string[];
}

type Placed = Pick<Settings, "region" | "network" | "internal" | "dualstack" | "gateway">;

/** Chooses the zones, and checks the network settings against the account and against the running stack. */
export async function findPlace(settings: Placed, running: Running, opts: pulumi.InvokeOptions): Promise<FoundPlace> {
  const [found, subnets] = await Promise.all([findZones(settings, opts), readSubnets(settings, opts)]);
  const replicaZones = "vpcId" in settings.network ? subnets.private.map(({ zone }) => zone) : found.zones;
  const problems = [
    ...found.problems,
    ...subnetProblems(settings, subnets, running.loadBalancer !== undefined),
    ...vpcProblems(settings, running),
  ];
  return { zones: found.zones, replicaZones, problems };
}
