import type { Permission } from "./service-spec";

/** An existing EFS file system that every replica mounts. */
export interface Volume {
  readonly name: string;
  readonly fileSystemId: string;
  /** Absent: the root of the file system. */
  readonly accessPointId?: string;
  readonly path: string;
  readonly readOnly: boolean;
}

/** One entry of the key `volumes` as it is written. */
export interface VolumeSettings extends Pick<Volume, "path" | "readOnly"> {
  readonly efs: string;
  readonly accessPoint?: string;
}

/** The port of NFS (https://docs.aws.amazon.com/efs/latest/ug/network-access.html). */
export const nfsPort = 2049;

export const volumesOf = (written: Readonly<Record<string, VolumeSettings>>): Volume[] =>
  Object.entries(written).map(([name, { efs, accessPoint, path, readOnly }]) => ({
    name,
    fileSystemId: efs,
    ...(accessPoint !== undefined && { accessPointId: accessPoint }),
    path,
    readOnly,
  }));

/** The name in a task or a pod, where the program has volumes of its own. */
export const mountName = ({ name }: Volume) => `efs-${name}`;

/** EFS decides by them who mounts and who writes (https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html). */
export const mountPermissions = (volumes: readonly Volume[], region: string): Permission[] =>
  volumes.map(({ fileSystemId, accessPointId, readOnly }) => {
    // The id alone names the file system. The account is not known before AWS answers.
    const arn = (resource: string) => `arn:aws:elasticfilesystem:${region}:*:${resource}`;
    const through = (id: string) => ({
      ArnLike: { "elasticfilesystem:AccessPointArn": arn(`access-point/${id}`) },
    });
    return {
      actions: ["elasticfilesystem:ClientMount", ...(readOnly ? [] : ["elasticfilesystem:ClientWrite"])],
      resources: [arn(`file-system/${fileSystemId}`)],
      ...(accessPointId !== undefined && { condition: through(accessPointId) }),
    };
  });
