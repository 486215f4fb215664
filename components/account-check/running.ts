import * as pulumi from "@pulumi/pulumi";
import { reasonOf } from "../reason";
import type { Settings } from "../settings";

/** What the stack runs before this update, as its state has it. */
export interface Running {
  /** The load balancer that callers use now. */
  readonly loadBalancer?: { readonly arn: string; readonly vpcId: string };
  /** A VPC that the stack made. */
  readonly vpc?: { readonly arn: string; readonly cidrBlock: string };
  /** A cluster that the stack made. */
  readonly clusterSubnetIds?: readonly string[];
}

interface Resource {
  readonly type: string;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** The engine's own function: it leaves out what is about to be deleted. */
const readResources = "pulumi:pulumi:readStackResourceOutputs";

/** A stack whose state cannot be read is checked less, not stopped. */
export async function readRunning({ project, stack }: Pick<Settings, "project" | "stack">): Promise<Running> {
  try {
    const stackName = `${pulumi.getOrganization()}/${project}/${stack}`;
    const { outputs = {} } = await pulumi.runtime.invoke(readResources, { stackName });
    return running(Object.values(outputs as Record<string, Resource>));
  } catch (error) {
    pulumi.log.warn(
      `Could not read the state of stack ${stack}, so a move to another VPC is not checked: ${reasonOf(error)}`,
    );
    return {};
  }
}

function running(resources: readonly Resource[]): Running {
  const outputsOf = (type: string) => resources.find((resource) => resource.type === type)?.outputs;
  const [loadBalancer, vpc, cluster] = [
    outputsOf("aws:lb/loadBalancer:LoadBalancer"),
    outputsOf("aws:ec2/vpc:Vpc"),
    outputsOf("aws:eks/cluster:Cluster"),
  ];
  return {
    ...(loadBalancer && { loadBalancer: { arn: String(loadBalancer.arn), vpcId: String(loadBalancer.vpcId) } }),
    ...(vpc && { vpc: { arn: String(vpc.arn), cidrBlock: String(vpc.cidrBlock) } }),
    ...(cluster && { clusterSubnetIds: (cluster.vpcConfig as { readonly subnetIds: readonly string[] }).subnetIds }),
  };
}
