import * as pulumi from "@pulumi/pulumi";
import { reasonOf } from "../core/reason";
import type { Settings } from "../settings";

/** What the stack runs before this update, according to its state. */
export interface Running {
  /** False when the state could not be read: what is absent below may exist. */
  readonly isKnown: boolean;
  /** The load balancer that callers use now. */
  readonly loadBalancer?: { readonly vpcId: string };
  /** The stack's rules, on a listener of its own or of somebody else. */
  readonly rules?: readonly { readonly arn: string; readonly listenerArn: string }[];
  /** The VPC that the stack created. */
  readonly vpc?: { readonly arn: string; readonly cidrBlock: string };
  /** The ECS cluster that the stack created. */
  readonly taskCluster?: { readonly name: string };
  /** Of the stack's replicas and their sidecars, as repository@sha256:... */
  readonly images?: ReadonlySet<string>;
  /** It has a namespace for pods in a cluster. */
  readonly hasPods?: boolean;
  /** The EKS cluster that the stack created. */
  readonly cluster?: { readonly name: string; readonly subnetIds: readonly string[] };
}

interface Resource {
  readonly type: string;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

/** A function of the engine. It leaves out resources that are pending deletion. */
const readResources = "pulumi:pulumi:readStackResourceOutputs";

/** A stack whose state cannot be read is not stopped; the checks that need the state are skipped. */
export async function readRunning({ project, stack }: Pick<Settings, "project" | "stack">): Promise<Running> {
  try {
    const stackName = `${pulumi.getOrganization()}/${project}/${stack}`;
    const { outputs = {} } = await pulumi.runtime.invoke(readResources, { stackName });
    return runningAmong(Object.values(outputs as Record<string, Resource>));
  } catch (error) {
    pulumi.log.warn(
      `Could not read the state of stack ${stack}, so a changed VPC and a cluster that has this name already are not ` +
        `checked: ${reasonOf(error)}`,
    );
    return { isKnown: false };
  }
}

/** What the stack runs, by the resources of its state. */
export function runningAmong(resources: readonly Resource[]): Running {
  const allOf = (type: string) =>
    resources.flatMap(({ type: own, outputs }) => (own === type && outputs ? [outputs] : []));
  const outputsOf = (type: string) => allOf(type)[0];
  const rules = allOf("aws:lb/listenerRule:ListenerRule").map(({ arn, listenerArn }) => ({
    arn: String(arn),
    listenerArn: String(listenerArn),
  }));
  const [loadBalancer, vpc, taskCluster, cluster] = [
    outputsOf("aws:lb/loadBalancer:LoadBalancer"),
    outputsOf("aws:ec2/vpc:Vpc"),
    outputsOf("aws:ecs/cluster:Cluster"),
    outputsOf("aws:eks/cluster:Cluster"),
  ];
  return {
    isKnown: true,
    rules,
    hasPods: allOf("kubernetes:core/v1:Namespace").length > 0,
    images: new Set(replicaTypes.flatMap(allOf).flatMap(imagesIn)),
    ...(loadBalancer && { loadBalancer: { vpcId: String(loadBalancer.vpcId) } }),
    ...(vpc && { vpc: { arn: String(vpc.arn), cidrBlock: String(vpc.cidrBlock) } }),
    ...(taskCluster && { taskCluster: { name: String(taskCluster.name) } }),
    ...(cluster && { cluster: { name: String(cluster.name), subnetIds: subnetIdsOf(cluster) } }),
  };
}

/** What replicas are made from, on every platform. */
const replicaTypes = ["aws:ecs/taskDefinition:TaskDefinition", "kubernetes:apps/v1:Deployment"];

const imagesIn = (outputs: NonNullable<Resource["outputs"]>) =>
  JSON.stringify(outputs).match(/[a-z0-9][a-z0-9._:/-]*@sha256:[0-9a-f]{64}/g) ?? [];

const subnetIdsOf = ({ vpcConfig }: NonNullable<Resource["outputs"]>) =>
  (vpcConfig as { readonly subnetIds: readonly string[] }).subnetIds;
