import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { mountName, nfsPort, type Volume } from "../core/volume";

/** Needs platform version 1.4.0, which LATEST is (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/efs-volumes.html). */
export const taskVolumes = (volumes: readonly Volume[]) =>
  volumes.map((volume) => ({
    name: mountName(volume),
    efsVolumeConfiguration: {
      fileSystemId: volume.fileSystemId,
      // Required by IAM and by access points.
      transitEncryption: "ENABLED",
      authorizationConfig: {
        iam: "ENABLED",
        ...(volume.accessPointId !== undefined && { accessPointId: volume.accessPointId }),
      },
    },
  }));

export const mountPoints = (volumes: readonly Volume[]) =>
  volumes.map((volume) => ({
    sourceVolume: mountName(volume),
    containerPath: volume.path,
    readOnly: volume.readOnly,
  }));

export interface NfsRuleArgs {
  readonly volumes: readonly Volume[];
  readonly securityGroupId: pulumi.Input<string>;
  readonly vpcId: pulumi.Input<string>;
}

/** Mount targets may be in any subnet of the VPC. This type of rule takes several blocks; how many there are, only AWS knows. */
export function createNfsRule(
  name: string,
  { volumes, securityGroupId, vpcId }: NfsRuleArgs,
  inside: pulumi.ResourceOptions,
): pulumi.Resource[] {
  if (volumes.length === 0) return [];
  const vpc = aws.ec2.getVpcOutput({ id: vpcId }, inside);
  const cidrBlocks = vpc.apply(({ cidrBlock, cidrBlockAssociations }) => [
    ...new Set([cidrBlock, ...cidrBlockAssociations.map((association) => association.cidrBlock)]),
  ]);
  const onPort = { protocol: "tcp", fromPort: nfsPort, toPort: nfsPort };
  return [
    new aws.ec2.SecurityGroupRule(
      `${name}-ecs-nfs`,
      { type: "egress", securityGroupId, cidrBlocks, ...onPort, description: "File systems of volumes" },
      inside,
    ),
  ];
}
