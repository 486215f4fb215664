import { containerOf } from "../core/container";
import type { Problem } from "../core/problems";
import { nfsPort, type VolumeSettings } from "../core/volume";
import { type Note, runsOnAws } from "../targets";
import { folder, mountProblems } from "./container";
import { entry } from "./entry";
import type { Values } from "./keys";
import { whenValid } from "./rule";
import { flag, object, optional, record, type Schema, text } from "./schema";

const name = {
  fits: /^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$/,
  expected: "at most 32 lower-case letters, digits and - in the name of a volume",
};

/** https://docs.aws.amazon.com/efs/latest/ug/API_AccessPointDescription.html */
const idOf = (prefix: string) => (value: string) => new RegExp(`^${prefix}-[0-9a-f]{8,40}$`).test(value);

const volume: Schema<VolumeSettings> = object(
  {
    efs: text("the id of an EFS file system such as fs-0123456789abcdef0", idOf("fs")),
    accessPoint: optional(text("the id of an access point such as fsap-0123456789abcdef0", idOf("fsap"))),
    path: folder,
    readOnly: flag,
  },
  { readOnly: true },
);

export const volumeKeys = {
  volumes: entry({
    schema: record(name, volume),
    fallback: {},
    text: "EFS file systems that exist, by a name of yours. Every replica on ECS and EKS mounts each one at its `path`, encrypted in transit; sidecars do not. With `accessPoint` the container sees only the folder of the access point, as its user. With `readOnly: false` it can write, if its user may. The program creates and deletes no file system (docs/bring-your-container.md).",
    example: {
      volumes: { models: { efs: "fs-0123456789abcdef0", path: "/models" } },
      network: {
        vpcId: "vpc-0123456789abcdef0",
        publicSubnetIds: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
        privateSubnetIds: ["subnet-0123456789abcdef2", "subnet-0123456789abcdef3"],
      },
    },
  }),
};

export const volumeRules = [
  whenValid({
    key: "volumes",
    fact: "Each `path` is outside of the other paths, of `container.writablePaths` and of what the platform mounts.",
    reads: ["volumes", "container"],
    problems: pathProblems,
  }),
  whenValid({
    key: "volumes",
    fact: "A file system is mounted once, or once through each access point.",
    reads: ["volumes"],
    problems: repeatedProblems,
  }),
  whenValid({
    key: "volumes",
    fact: "On AWS the network is an existing VPC (`network.vpcId`): that of the file system's mount targets.",
    reads: ["volumes", "network", "target"],
    problems: networkProblems,
  }),
];

type Written = Pick<Values, "volumes">;

function pathProblems({ volumes, container }: Pick<Values, "volumes" | "container">): Problem[] {
  const { writablePaths } = containerOf(container);
  const all = Object.entries(volumes);
  return all.flatMap(([each, { path }], index) => {
    const before = all.slice(0, index).map(([, other]) => other.path);
    return mountProblems(`volumes.${each}.path`, path, [...writablePaths, ...before]);
  });
}

/** A pod with two volumes of one handle never starts (kubernetes#132921). */
function repeatedProblems({ volumes }: Written): Problem[] {
  const all = Object.entries(volumes);
  return all.flatMap(([each, { efs, accessPoint }], index) => {
    const first = all.slice(0, index).find(([, other]) => other.efs === efs && other.accessPoint === accessPoint);
    if (first === undefined) return [];
    const expected = `another file system or access point than volumes.${first[0]}`;
    return [{ key: `volumes.${each}.efs`, value: efs, expected }];
  });
}

/** A file system has mount targets in one VPC at a time (https://docs.aws.amazon.com/efs/latest/ug/API_CreateMountTarget.html). */
function networkProblems({ volumes, network, target }: Pick<Values, "volumes" | "network" | "target">): Problem[] {
  const names = Object.keys(volumes);
  if (names.length === 0 || "vpcId" in network || !runsOnAws(target)) return [];
  const expected = "none with a new VPC: set network.vpcId to the VPC of the file system's mount targets";
  return [{ key: "volumes", value: names, expected }];
}

export const volumeNotes = ({ volumes, target }: Pick<Values, "volumes" | "target">): Note[] => [
  {
    applies: Object.keys(volumes).length > 0 && runsOnAws(target),
    text: `volumes: the security group of the mount targets must admit TCP ${nfsPort} from the private subnets. Only whether it admits anyone is checked`,
  },
];
