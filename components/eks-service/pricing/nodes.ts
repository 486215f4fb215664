import { amxFamilies, type NodeCpu } from "../../core/node-cpu";
import type { Architecture } from "../../core/service-spec";
import type { PriceKey } from "../../pricing/table";

/** A machine of EKS Auto Mode, and how many of its kind's smallest size it costs as much as. */
export interface Node {
  readonly type: string;
  readonly price: PriceKey;
  readonly larges: number;
}

interface Family {
  readonly name: (typeof amxFamilies)[number] | "c6a" | "c5a" | "m6a" | "m5a" | "r6a" | "r5a" | "c6g" | "m6g" | "r6g";
  readonly architecture: Architecture;
  readonly gibPerVcpu: number;
}

/**
 * The pool takes c, m and r above generation 4, and Karpenter the cheapest of them on demand: no other family that EKS Auto Mode supports
 * (EKS User Guide, "EKS Auto Mode supported instance reference") costs less in any of the three regions of the price list.
 */
const families: readonly Family[] = [
  { name: "c6a", architecture: "x86_64", gibPerVcpu: 2 },
  { name: "c5a", architecture: "x86_64", gibPerVcpu: 2 },
  { name: "m5a", architecture: "x86_64", gibPerVcpu: 4 },
  { name: "m6a", architecture: "x86_64", gibPerVcpu: 4 },
  { name: "r6a", architecture: "x86_64", gibPerVcpu: 8 },
  { name: "r5a", architecture: "x86_64", gibPerVcpu: 8 },
  { name: "c6g", architecture: "arm64", gibPerVcpu: 2 },
  { name: "m6g", architecture: "arm64", gibPerVcpu: 4 },
  { name: "r6g", architecture: "arm64", gibPerVcpu: 8 },
  { name: "c7i", architecture: "x86_64", gibPerVcpu: 2 },
  { name: "m7i", architecture: "x86_64", gibPerVcpu: 4 },
];
const hasAmx = ({ name }: Family) => amxFamilies.some((family) => family === name);
const vcpuSizes = [2, 4, 8, 16, 32, 48, 64];
const vcpusOfLarge = 2;

const sizeName = (vcpus: number) => {
  if (vcpus === vcpusOfLarge) return "large";
  return vcpus === 4 ? "xlarge" : `${vcpus / 4}xlarge`;
};

/** What CloudWatch's add-on asks for on every machine: its agent and Fluent Bit, by the values of its chart. */
const agents = { millicores: 250 + 50, mib: 128 + 25 };

/** The room for the workload's pods: the kubelet reserves a part, by the rules of the AWS AMIs. */
function allocatable(vcpus: number, gib: number) {
  const keptMillicores = 60 + 10 + Math.min(vcpus - 2, 2) * 5 + Math.max(vcpus - 4, 0) * 2.5;
  const pods = vcpus === vcpusOfLarge ? 29 : 110;
  const hypervisorShare = 0.075;
  const keptMiB = 255 + 11 * pods + 100;
  return {
    cpuUnits: ((vcpus * 1000 - keptMillicores - agents.millicores) * 1024) / 1000,
    memoryMiB: gib * 1024 * (1 - hypervisorShare) - keptMiB - agents.mib,
  };
}

interface Pod {
  readonly architecture: Architecture;
  readonly cpuUnits: number;
  readonly memoryMiB: number;
}

/** A kind of machine, and how many such pods it has room for. */
export interface Room {
  readonly node: Node;
  readonly pods: number;
}

/** Each kind of machine that has room for such a pod. */
export function roomsFor(pod: Pod, cpu: NodeCpu): Room[] {
  const rooms = families
    .filter((family) => family.architecture === pod.architecture && hasAmx(family) === (cpu === "amx"))
    .flatMap(({ name, gibPerVcpu }) =>
      vcpuSizes.map((vcpus) => {
        const room = allocatable(vcpus, vcpus * gibPerVcpu);
        const pods = Math.floor(Math.min(room.cpuUnits / pod.cpuUnits, room.memoryMiB / pod.memoryMiB));
        const node: Node = { type: `${name}.${sizeName(vcpus)}`, price: `ec2-${name}-large`, larges: vcpus / 2 };
        return { node, pods };
      }),
    )
    .filter(({ pods }) => pods > 0);
  if (rooms.length === 0)
    throw new Error(`no machine of ${families.map(({ name }) => name).join(", ")} holds ${JSON.stringify(pod)}`);
  return rooms;
}
