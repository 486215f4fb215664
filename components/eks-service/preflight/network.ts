import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { overlap, parseCidr } from "../../core/cidr";
import { serviceCidr } from "../../core/eks-versions";
import type { Problem } from "../../core/problems";
import { ask } from "../../preflight/ask";
import type { Running } from "../../preflight/running";
import type { Settings } from "../../settings";

/** EKS takes no subnets outside the zones of a cluster's creation: eks, "Amazon EKS networking requirements". */
export async function clusterZoneProblems(
  network: Settings["network"],
  { cluster }: Running,
  zones: readonly string[],
  opts: pulumi.InvokeOptions,
): Promise<Problem[]> {
  if (!cluster) return [];
  const subnets = await Promise.all(
    cluster.subnetIds.map((id) => ask(`the subnet ${id}`, aws.ec2.getSubnet({ id }, opts))),
  );
  const [first, now] = [subnets.flatMap((subnet) => subnet?.availabilityZone ?? []), zones].map(sorted);
  if (!first || !now || first.join() === now.join()) return [];
  const way = "EKS moves no cluster to other zones: flip to ecs, change the zones, and flip back";
  return "vpcId" in network
    ? [
        {
          key: "network.privateSubnetIds",
          value: network.privateSubnetIds,
          expected: `subnets in ${first.join(", ")}, the zones of the running cluster. ${way}`,
        },
      ]
    : [
        {
          key: "network.zones",
          value: network.zones,
          expected: `${first.length}, the zones of the running cluster (${first.join(", ")}). ${way}`,
        },
      ];
}

const sorted = (zones: readonly string[]) => [...new Set(zones)].sort();

/** Checks the address ranges of an existing VPC. Those of a new VPC are checked with the settings. */
export async function addressProblems(
  { network, region }: Pick<Settings, "region" | "network">,
  opts: pulumi.InvokeOptions,
): Promise<Problem[]> {
  if (!("vpcId" in network)) return [];
  const { vpcId } = network;
  const found = await ask(`the VPC ${vpcId}`, aws.ec2.getVpc({ id: vpcId }, opts));
  if (!found) return [{ key: "network.vpcId", value: vpcId, expected: `a VPC that exists in ${region}` }];
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
