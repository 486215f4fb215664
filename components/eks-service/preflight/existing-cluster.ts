import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Problem } from "../../core/problems";
import { ask } from "../../preflight/ask";
import type { Settings } from "../../settings";

export const usesEks = ({ model }: Pick<Settings, "model">) => model.variants.some(({ target }) => target === "eks");

/** Checks an existing cluster that `eks.cluster` names. */
export async function clusterProblems(
  settings: Pick<Settings, "region" | "network" | "eks" | "model">,
  by: pulumi.InvokeOptions,
): Promise<Problem[]> {
  const { eks, network, region } = settings;
  if (!usesEks(settings) || !eks.cluster || !("vpcId" in network)) return [];
  const { name, controller } = eks.cluster;
  const found = await ask(`the cluster ${name}`, aws.eks.getCluster({ name }, by));
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
  return [...(vpcId === network.vpcId ? [] : [elsewhere]), ...(controller === "auto" && !isAuto ? [notAuto] : [])];
}
