import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Problem } from "../../core/problems";
import { ask } from "../../preflight/ask";
import type { ExistingCluster, Settings } from "../../settings";
import { missingPartProblems } from "./cluster-parts";

/** Checks an existing cluster that `eks.cluster` names. */
export async function existingClusterProblems(
  settings: Settings,
  cluster: ExistingCluster,
  opts: pulumi.InvokeOptions,
): Promise<Problem[]> {
  const { network, region } = settings;
  const { name, controller } = cluster;
  if (!("vpcId" in network)) return [];
  const found = await ask(`the cluster ${name}`, aws.eks.getCluster({ name }, opts));
  if (!found) return [{ key: "eks.cluster.name", value: name, expected: `a cluster that exists in ${region}` }];
  const { vpcId } = found.vpcConfig;
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
  return [
    ...(vpcId === network.vpcId ? [] : [elsewhere]),
    ...(controller === "auto" && !isAuto ? [notAuto] : []),
    ...(await missingPartProblems(settings, cluster, isAuto)),
  ];
}
