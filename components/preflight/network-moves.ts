import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Problem } from "../core/problems";
import { usesEks } from "../eks-service/preflight/existing-cluster";
import type { Settings } from "../settings";
import { ask } from "./ask";
import type { Running } from "./running";

const wayToMove =
  "AWS moves no load balancer to another VPC: deploy a second stack and point callers to it, or run pulumi destroy first";

/** Refuses settings that would move a running stack to another VPC. */
export function vpcProblems({ network }: Pick<Settings, "network">, { loadBalancer, vpc }: Running): Problem[] {
  if (!loadBalancer) return [];
  const { vpcId } = loadBalancer;
  const own = vpc?.arn.endsWith(`/${vpcId}`) ? vpc : undefined;
  const given = "vpcId" in network ? network.vpcId : undefined;
  const notOwn = {
    key: "network.vpcId",
    value: given,
    expected: `${vpcId}, the VPC of the running stack. ${wayToMove}`,
  };
  if (!own) return given === vpcId ? [] : [notOwn];
  const leaves = { ...notOwn, expected: `no vpcId: the running stack has a VPC of its own. ${wayToMove}` };
  if (!("cidr" in network)) return [leaves];
  const expected = `${own.cidrBlock}, the block of the running stack's VPC. ${wayToMove}`;
  return own.cidrBlock === network.cidr ? [] : [{ key: "network.cidr", value: network.cidr, expected }];
}

/** EKS takes no subnets outside the zones of a cluster's creation: eks, "Amazon EKS networking requirements". */
export async function clusterZoneProblems(
  settings: Pick<Settings, "network" | "eks" | "model">,
  { cluster }: Running,
  zones: readonly string[],
  by: pulumi.InvokeOptions,
): Promise<Problem[]> {
  const { network } = settings;
  if (!cluster || !usesEks(settings) || settings.eks.cluster) return [];
  const subnets = await Promise.all(
    cluster.subnetIds.map((id) => ask(`the subnet ${id}`, aws.ec2.getSubnet({ id }, by))),
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
