import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Problem } from "../core/problems";
import { nfsPort, type VolumeSettings } from "../core/volume";
import type { Settings } from "../settings";
import { ask } from "./ask";
import type { FoundPlace } from "./network";
import { admittingRules } from "./open-groups";

/** Checks the file systems of `volumes`. A replica whose zone has no mount target would not start. */
export async function volumeProblems(
  { volumes, network, region }: Pick<Settings, "volumes" | "network" | "region">,
  place: Promise<Pick<FoundPlace, "replicaZones">>,
  opts: pulumi.InvokeOptions,
): Promise<Problem[]> {
  if (!("vpcId" in network)) return [];
  const { vpcId } = network;
  const found = await Promise.all(
    Object.entries(volumes).map(async ([name, volume]) => {
      const key = `volumes.${name}`;
      const absent = await absentProblems(key, volume, region, opts);
      if (absent.length > 0) return absent;
      return mountTargetProblems(`${key}.efs`, volume.efs, { vpcId, zones: (await place).replicaZones }, opts);
    }),
  );
  return found.flat();
}

async function absentProblems(
  key: string,
  { efs, accessPoint }: VolumeSettings,
  region: string,
  opts: pulumi.InvokeOptions,
): Promise<Problem[]> {
  const fileSystem = await ask(`the file system ${efs}`, aws.efs.getFileSystem({ fileSystemId: efs }, opts));
  if (!fileSystem) return [{ key: `${key}.efs`, value: efs, expected: `a file system that exists in ${region}` }];
  if (accessPoint === undefined) return [];
  const asking = aws.efs.getAccessPoint({ accessPointId: accessPoint }, opts);
  const found = await ask(`the access point ${accessPoint}`, asking);
  if (found?.fileSystemId === efs) return [];
  return [{ key: `${key}.accessPoint`, value: accessPoint, expected: `an access point of ${efs}` }];
}

interface Place {
  readonly vpcId: string;
  readonly zones: readonly string[];
}

async function mountTargetProblems(
  key: string,
  efs: string,
  { vpcId, zones }: Place,
  opts: pulumi.InvokeOptions,
): Promise<Problem[]> {
  const targets = (await mountTargets(efs, opts)).filter((target) => target.vpcId === vpcId);
  const there = targets.map(({ availabilityZone }) => availabilityZone);
  const missing = [...new Set(zones)].filter((zone) => !there.includes(zone));
  if (missing.length > 0) {
    const expected = `a file system with a mount target in ${vpcId} in each zone of the replicas; ${missing.join(", ")} has none`;
    return [{ key, value: efs, expected }];
  }
  const admitting = await Promise.all(
    targets.map(({ securityGroups }) => admittingRules(securityGroups, nfsPort, opts)),
  );
  const closed = targets.find((_, index) => admitting[index]?.length === 0);
  if (!closed) return [];
  const expected =
    `mount targets that admit TCP ${nfsPort}: aws ec2 authorize-security-group-ingress --group-id ${closed.securityGroups[0]} ` +
    `--protocol tcp --port ${nfsPort} --cidr <the block of ${vpcId}>`;
  return [{ key, value: efs, expected }];
}

/**
 * By the description of their network interfaces, which holds the id (https://docs.aws.amazon.com/efs/latest/ug/API_CreateMountTarget.html):
 * the provider's own data source reads one mount target only.
 */
async function mountTargets(efs: string, opts: pulumi.InvokeOptions) {
  const filters = [{ name: "description", values: [`*${efs}*`] }];
  const { ids } = await aws.ec2.getNetworkInterfaces({ filters }, opts);
  return Promise.all(ids.map((id) => aws.ec2.getNetworkInterface({ id }, opts)));
}
