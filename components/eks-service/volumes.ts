import * as aws from "@pulumi/aws";
import type { types } from "@pulumi/kubernetes";
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { mountName, mountPermissions, type Volume } from "../core/volume";
import { createRole } from "../iam/role";
import { createAddon, type OwnCluster } from "./addon";
import type { Cluster } from "./cluster";
import { afterSpreading } from "./identity";

/** The claim of each volume, by the volume's name. */
export type Claims = Readonly<Record<string, pulumi.Input<string>>>;

export interface VolumesArgs {
  readonly volumes: readonly Volume[];
  readonly region: string;
  readonly cluster: Cluster;
  readonly namespace: pulumi.Input<string>;
}

/**
 * A persistent volume and a claim for each file system. The driver mounts on the node, with the node's addresses: a network policy does
 * not see it (the DaemonSet has hostNetwork: aws-efs-csi-driver, charts, node-daemonset.yaml).
 */
export function createVolumes(name: string, args: VolumesArgs, inside: pulumi.ResourceOptions): Claims {
  const { volumes, region, cluster } = args;
  if (volumes.length === 0) return {};
  const { provider, dependsOn } = cluster.options;
  const driver = cluster.own
    ? [createDriver(name, { volumes, region, cluster: cluster.own, needs: dependsOn }, inside)]
    : [];
  const within = { ...inside, provider, dependsOn: [...dependsOn, ...driver] };
  return Object.fromEntries(volumes.map((volume) => [volume.name, claim(name, volume, args, within)]));
}

const accessModes = ["ReadWriteMany"];
/** EFS has no size, but Kubernetes wants one (aws-efs-csi-driver, docs/README.md). */
const anySize = "1Gi";

/** The driver takes no access mode for readers only (aws-efs-csi-driver, node.go); the pod asks for a read-only mount. */
function claim(
  name: string,
  volume: Volume,
  { cluster, namespace }: VolumesArgs,
  within: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const { fileSystemId, accessPointId } = volume;
  const volumeHandle = accessPointId === undefined ? fileSystemId : `${fileSystemId}::${accessPointId}`;
  const persistent = new k8s.core.v1.PersistentVolume(
    `${name}-${mountName(volume)}`,
    {
      spec: {
        capacity: { storage: anySize },
        accessModes,
        persistentVolumeReclaimPolicy: "Retain",
        storageClassName: "",
        // As the driver's own role. The role of an existing cluster's driver is its owner's.
        ...(cluster.own && { mountOptions: ["iam"] }),
        csi: { driver: "efs.csi.aws.com", volumeHandle },
      },
    },
    // The API server refuses another source for a volume that exists.
    { ...within, replacementTrigger: volumeHandle },
  );
  const volumeName = persistent.metadata.name;
  const claimed = new k8s.core.v1.PersistentVolumeClaim(
    `${name}-${mountName(volume)}`,
    {
      metadata: { namespace },
      spec: { accessModes, storageClassName: "", volumeName, resources: { requests: { storage: anySize } } },
    },
    { ...within, replacementTrigger: volumeName },
  );
  return claimed.metadata.name;
}

interface DriverArgs extends Pick<VolumesArgs, "volumes" | "region"> {
  readonly cluster: OwnCluster;
  readonly needs: readonly pulumi.Resource[];
}

/**
 * The driver, whose pods on the nodes mount with a role. The add-on takes roles for its controller alone, so the association is one of its
 * own (aws-efs-csi-driver#1759), and it exists before the pods: they read it when they are created. The controller needs no role, because it
 * only creates access points.
 */
function createDriver(name: string, args: DriverArgs, inside: pulumi.ResourceOptions): aws.eks.Addon {
  const { volumes, region, cluster, needs } = args;
  const role = createRole(
    `${name}-volumes`,
    {
      description: "What the EFS driver may mount for pods",
      trusts: { service: "pods.eks.amazonaws.com", actions: ["sts:AssumeRole", "sts:TagSession"] },
      statements: mountPermissions(volumes, region),
    },
    inside,
  );
  const association = new aws.eks.PodIdentityAssociation(
    `${name}-volumes`,
    {
      clusterName: cluster.clusterName,
      namespace: "kube-system",
      serviceAccount: "efs-csi-node-sa",
      roleArn: role.arn,
    },
    { ...inside, dependsOn: [...needs, ...role.policies], ...afterSpreading },
  );
  return createAddon(
    `${name}-volumes`,
    { cluster, addonName: "aws-efs-csi-driver" },
    { ...inside, dependsOn: [...needs, association] },
  );
}

export const podVolumes = (volumes: readonly Volume[], claims: Claims): types.input.core.v1.Volume[] =>
  volumes.map((volume) => ({
    name: mountName(volume),
    persistentVolumeClaim: { claimName: claims[volume.name] ?? "", ...(volume.readOnly && { readOnly: true }) },
  }));

export const volumeMounts = (volumes: readonly Volume[]): types.input.core.v1.VolumeMount[] =>
  volumes.map((volume) => ({
    name: mountName(volume),
    mountPath: volume.path,
    ...(volume.readOnly && { readOnly: true }),
  }));
