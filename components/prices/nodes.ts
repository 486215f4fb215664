import type { Architecture } from "../service-spec";
import { type PriceKey, priceIn } from "./table";

/** A machine of EKS Auto Mode, and how many of its kind's smallest size it costs as much as. */
export interface Node {
  readonly type: string;
  readonly price: PriceKey;
  readonly larges: number;
}

interface Family {
  readonly name: "c6i" | "c7i" | "m6i" | "m7i" | "c7g" | "m7g";
  readonly architecture: Architecture;
  readonly gibPerVcpu: number;
}

const families: readonly Family[] = [
  { name: "c6i", architecture: "x86_64", gibPerVcpu: 2 },
  { name: "c7i", architecture: "x86_64", gibPerVcpu: 2 },
  { name: "m6i", architecture: "x86_64", gibPerVcpu: 4 },
  { name: "m7i", architecture: "x86_64", gibPerVcpu: 4 },
  { name: "c7g", architecture: "arm64", gibPerVcpu: 2 },
  { name: "m7g", architecture: "arm64", gibPerVcpu: 4 },
];
const vcpuSizes = [2, 4, 8, 16, 32, 48, 64];
const vcpusOfLarge = 2;

const sizeName = (vcpus: number) => {
  if (vcpus === vcpusOfLarge) return "large";
  return vcpus === 4 ? "xlarge" : `${vcpus / 4}xlarge`;
};

/** What the kubelet keeps for itself, by the rules of AWS's own images. */
function allocatable(vcpus: number, gib: number) {
  const reservedMillicores = 60 + 10 + Math.min(vcpus - 2, 2) * 5 + Math.max(vcpus - 4, 0) * 2.5;
  const pods = vcpus === vcpusOfLarge ? 29 : 110;
  const hypervisorShare = 0.075;
  const reservedMiB = 255 + 11 * pods + 100;
  return {
    cpuUnits: ((vcpus * 1000 - reservedMillicores) * 1024) / 1000,
    memoryMiB: gib * 1024 * (1 - hypervisorShare) - reservedMiB,
  };
}

interface Pod {
  readonly architecture: Architecture;
  readonly cpuUnits: number;
  readonly memoryMiB: number;
}

/**
 * The cheapest machine of these families that holds one such pod. One a pod: pods spread over hosts, and Auto Mode opens machines as if
 * that preference were a rule.
 */
export function nodeFor(pod: Pod, region: string): Node {
  const fitting = families
    .filter(({ architecture }) => architecture === pod.architecture)
    .flatMap(({ name, gibPerVcpu }) =>
      vcpuSizes
        .map((vcpus) => ({ vcpus, room: allocatable(vcpus, vcpus * gibPerVcpu) }))
        .filter(({ room }) => room.cpuUnits >= pod.cpuUnits && room.memoryMiB >= pod.memoryMiB)
        .map(
          ({ vcpus }): Node => ({ type: `${name}.${sizeName(vcpus)}`, price: `ec2-${name}-large`, larges: vcpus / 2 }),
        ),
    );
  const usd = ({ price, larges }: Node) => priceIn(region, price).value * larges;
  const [first, ...others] = fitting;
  if (!first)
    throw new Error(`no machine of ${families.map(({ name }) => name).join(", ")} holds ${JSON.stringify(pod)}`);
  return others.reduce((best, node) => (usd(node) < usd(best) ? node : best), first);
}
