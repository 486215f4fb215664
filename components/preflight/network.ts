import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { overlap, parseCidr } from "../core/cidr";
import { serviceCidr } from "../core/eks-versions";
import type { Problem } from "../core/problems";
import { usesEks } from "../eks-service/preflight/existing-cluster";
import type { Settings } from "../settings";
import { ask } from "./ask";
import { clusterZoneProblems, vpcProblems } from "./network-moves";
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
  by: pulumi.InvokeOptions,
): Promise<ZonesAnswer> {
  if ("vpcId" in network) return { zones: [], problems: [] };
  const { names = [], zoneIds = [] } = (await ask(`the zones of ${region}`, aws.getAvailabilityZones({}, by))) ?? {};
  const there = names.filter(
    (name, index) => /^[a-z]$/.test(name.replace(region, "")) && !unfit.includes(zoneIds[index] ?? ""),
  );
  const zones = there.sort().slice(0, network.zones);
  const expected = `at most ${there.length}, as many as ${region} has for tasks and a cluster`;
  const isEnough = zones.length === network.zones;
  return { zones, problems: isEnough ? [] : [{ key: "network.zones", value: network.zones, expected }] };
}

type Placed = Pick<Settings, "region" | "network" | "internal" | "dualstack" | "eks" | "model">;

/** Chooses the zones, and checks the network settings against the account and against the running stack. */
export async function findPlace(settings: Placed, running: Running, by: pulumi.InvokeOptions): Promise<ZonesAnswer> {
  const [found, subnets] = await Promise.all([findZones(settings, by), readSubnets(settings, by)]);
  const zones = "vpcId" in settings.network ? subnets.private.map(({ zone }) => zone) : found.zones;
  const problems = [
    ...found.problems,
    ...subnetProblems(settings, subnets, running.loadBalancer !== undefined),
    ...vpcProblems(settings, running),
    ...(await clusterZoneProblems(settings, running, zones, by)),
  ];
  return { zones: found.zones, problems };
}

/** Checks the address ranges of an existing VPC. Those of a new VPC are checked with the settings. */
export async function rangeProblems(
  settings: Pick<Settings, "region" | "network" | "eks" | "model">,
  by: pulumi.InvokeOptions,
): Promise<Problem[]> {
  const { eks, network } = settings;
  if (!usesEks(settings) || eks.cluster || !("vpcId" in network)) return [];
  const { vpcId } = network;
  const found = await ask(`the VPC ${vpcId}`, aws.ec2.getVpc({ id: vpcId }, by));
  if (!found) return [{ key: "network.vpcId", value: vpcId, expected: `a VPC that exists in ${settings.region}` }];
  const services = parseCidr(serviceCidr);
  const blocks = [...new Set([found.cidrBlock, ...found.cidrBlockAssociations.map(({ cidrBlock }) => cidrBlock)])];
  return blocks
    .filter((text) => {
      const block = parseCidr(text);
      return block && services && overlap(block, services);
    })
    .map((text) => ({
      key: "network.vpcId",
      value: vpcId,
      expected: `a VPC without addresses in ${serviceCidr}, which services inside the cluster use; it has ${text}`,
    }));
}
