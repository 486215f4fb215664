import * as aws from "@pulumi/aws";
import { overlap, parseCidr } from "./cidr";
import { serviceCidr } from "./eks-versions";
import { imageProblems } from "./image-check";
import { deploymentError, type Problem, refusal } from "./problems";
import type { Settings } from "./settings";

type Asked = Pick<Settings, "stack" | "region" | "network" | "eks" | "model" | "architecture" | "image">;

/** What of a stack's settings only AWS and the registries of its images can judge: asked and told before the first resource, in previews as well. */
export async function refuseWhatAwsLacks(settings: Asked): Promise<void> {
  const problems = (
    await Promise.all([
      zoneProblems(settings),
      clusterProblems(settings),
      rangeProblems(settings),
      imageProblems(settings),
    ])
  ).flat();
  if (problems.length > 0)
    throw refusal(`Configuration of stack ${settings.stack}, held against the account`, problems);
}

const usesEks = ({ model }: Asked) => model.variants.some(({ target }) => target === "eks");

/** The answer, or undefined when AWS says that there is no such thing; anything else is told as what it is. */
async function ask<T>(question: string, asking: Promise<T>): Promise<T | undefined> {
  try {
    return await asking;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (/couldn't find resource|no matching|empty result|ResourceNotFoundException|\.NotFound/.test(reason))
      return undefined;
    throw deploymentError(`AWS could not be asked for ${question}: ${reason}`);
  }
}

async function zoneProblems({ region, network }: Asked): Promise<Problem[]> {
  if ("vpcId" in network) return [];
  const found = await ask(`the zones of ${region}`, aws.getAvailabilityZones());
  const there = found?.names.length ?? 0;
  if (there >= network.zones) return [];
  return [{ key: "network.zones", value: network.zones, expected: `at most ${there}, as many as ${region} has` }];
}

async function clusterProblems(settings: Asked): Promise<Problem[]> {
  const { eks, network, region } = settings;
  if (!usesEks(settings) || !eks.cluster || !("vpcId" in network)) return [];
  const { name, controller } = eks.cluster;
  const found = await ask(`the cluster ${name}`, aws.eks.getCluster({ name }));
  if (!found) return [{ key: "eks.cluster.name", value: name, expected: `a cluster that exists in ${region}` }];
  const { vpcId } = found.vpcConfig;
  const isAuto = found.computeConfigs.some(({ enabled }) => enabled);
  return [
    ...(vpcId === network.vpcId
      ? []
      : [{ key: "network.vpcId", value: network.vpcId, expected: `${vpcId}, the VPC of the cluster ${name}` }]),
    ...(controller === "auto" && !isAuto
      ? [
          {
            key: "eks.cluster.controller",
            value: controller,
            expected: `lbc: the cluster ${name} is not in Auto Mode and needs the AWS Load Balancer Controller`,
          },
        ]
      : []),
  ];
}

/** Of a VPC that is given; that of one of ours is in the settings. */
async function rangeProblems(settings: Asked): Promise<Problem[]> {
  const { eks, network } = settings;
  if (!usesEks(settings) || eks.cluster || !("vpcId" in network)) return [];
  const { vpcId } = network;
  const found = await ask(`the VPC ${vpcId}`, aws.ec2.getVpc({ id: vpcId }));
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
