import * as aws from "@pulumi/aws";
import type { Problem } from "../../core/problems";
import { ask } from "../../preflight/ask";
import type { ExistingCluster, Settings } from "../../settings";
import type { Account } from "../../targets/target";
import { missingPartProblems } from "./cluster-parts";

/** Checks an existing cluster that `eks.cluster` names. */
export async function existingClusterProblems(
  settings: Settings,
  cluster: ExistingCluster,
  { running, asksCluster, opts }: Pick<Account, "running" | "asksCluster" | "opts">,
): Promise<Problem[]> {
  const { network, region } = settings;
  const { name, controller } = cluster;
  if (!("vpcId" in network)) return [];
  const found = await ask(`the cluster ${name}`, aws.eks.getCluster({ name }, opts));
  if (!found) return [{ key: "eks.cluster.name", value: name, expected: `a cluster that exists in ${region}` }];
  const { vpcId } = found.vpcConfig;
  // Those of a cluster of the stack's own are elsewhere.
  const hasPods = !running.isKnown || (running.hasPods === true && !running.cluster);
  const isAuto = found.computeConfigs.some(({ enabled }) => enabled);
  const elsewhere = {
    key: "network.vpcId",
    value: network.vpcId,
    expected: `${vpcId}, the VPC of the cluster ${name}`,
  };
  const notAuto = {
    key: "eks.cluster.controller",
    value: controller,
    expected: `lbc: the cluster ${name} is not in Auto Mode and needs the AWS Load Balancer Controller`,
  };
  // An IPv6 cluster gives pods no IPv4 address (https://docs.aws.amazon.com/eks/latest/userguide/cni-ipv6.html).
  const isIpv6 = found.kubernetesNetworkConfigs.some(({ ipFamily }) => ipFamily === "ipv6");
  const unreachable = {
    key: "eks.cluster.name",
    value: name,
    expected: "a cluster of the IP family ipv4: the load balancer reaches replicas over IPv4",
  };
  return [
    ...(vpcId === network.vpcId ? [] : [elsewhere]),
    ...(isIpv6 ? [unreachable] : []),
    ...(controller === "auto" && !isAuto ? [notAuto] : []),
    ...(asksCluster ? await missingPartProblems(settings, cluster, { isAuto, hasPods }) : []),
  ];
}
