import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Problem } from "../core/problems";
import type { Settings } from "../settings";
import { ask } from "./ask";

/** A subnet that the configuration names, as it exists in the account. */
export interface Subnet {
  readonly key: string;
  readonly id: string;
  readonly vpcId: string;
  readonly zone: string;
  readonly freeAddresses: number;
  readonly hasIpv6: boolean;
}

export interface Subnets {
  readonly public: readonly Subnet[];
  readonly private: readonly Subnet[];
  readonly problems: readonly Problem[];
}

type NetworkSettings = Pick<Settings, "region" | "network">;

/** Reads the subnets of an existing VPC. A VPC that the stack creates has none yet. */
export async function readSubnets({ region, network }: NetworkSettings, opts: pulumi.InvokeOptions): Promise<Subnets> {
  if (!("vpcId" in network)) return { public: [], private: [], problems: [] };
  const read = (list: "publicSubnetIds" | "privateSubnetIds") =>
    Promise.all(network[list].map((id, index) => readSubnet(`network.${list}[${index}]`, id, opts)));
  const [publics, privates] = await Promise.all([read("publicSubnetIds"), read("privateSubnetIds")]);
  const found = (subnets: readonly (Subnet | Missing)[]) =>
    subnets.flatMap((subnet) => ("zone" in subnet ? [subnet] : []));
  const missing = [...publics, ...privates].flatMap((subnet) => ("zone" in subnet ? [] : [subnet]));
  return {
    public: found(publics),
    private: found(privates),
    problems: missing.map(({ key, id }) => ({ key, value: id, expected: `a subnet that exists in ${region}` })),
  };
}

type Missing = Pick<Subnet, "key" | "id">;

async function readSubnet(key: string, id: string, opts: pulumi.InvokeOptions): Promise<Subnet | Missing> {
  const subnet = await ask(`the subnet ${id}`, aws.ec2.getSubnet({ id }, opts));
  if (!subnet) return { key, id };
  const { vpcId, availabilityZone: zone, availableIpAddressCount: freeAddresses, ipv6CidrBlock } = subnet;
  return { key, id, vpcId, zone, freeAddresses, hasIpv6: Boolean(ipv6CidrBlock) };
}

/** A load balancer takes no subnet with fewer: elasticloadbalancing, "Subnets for your load balancer". */
const fewestFreeAddresses = 8;

type SubnetSettings = Pick<Settings, "network" | "internal" | "dualstack" | "gateway">;

/** Checks that the load balancer fits into the given subnets and reaches the replicas from them. An existing one has its own subnets. */
export function subnetProblems(
  { network, internal, dualstack, gateway: listener }: SubnetSettings,
  subnets: Subnets,
  isRunning: boolean,
): Problem[] {
  if (!("vpcId" in network)) return [];
  const ownGateway = internal ? subnets.private : subnets.public;
  const gateway = listener ? [] : ownGateway;
  const found = [...subnets.public, ...subnets.private];
  return [
    ...subnets.problems,
    ...found.flatMap((subnet) =>
      problemIf(subnet.vpcId !== network.vpcId, subnet, `a subnet of ${network.vpcId}; this one is in ${subnet.vpcId}`),
    ),
    ...(listener ? [] : zoneProblems(gateway, subnets.private)),
    // The running load balancer already has its addresses.
    ...gateway.flatMap((subnet) =>
      problemIf(
        !isRunning && subnet.freeAddresses < fewestFreeAddresses,
        subnet,
        `a subnet with at least ${fewestFreeAddresses} free addresses for the load balancer; this one has ${subnet.freeAddresses}`,
      ),
    ),
    ...gateway.flatMap((subnet) =>
      problemIf(
        dualstack && !subnet.hasIpv6,
        subnet,
        "a subnet with an IPv6 block and an IPv6 route to the internet, or dualstack: false",
      ),
    ),
  ];
}

const problemIf = (isWrong: boolean, { key, id }: Subnet, expected: string): Problem[] =>
  isWrong ? [{ key, value: id, expected }] : [];

/** A load balancer uses one subnet of a zone, and targets in a zone without one get no requests: "Availability Zones and load balancer nodes". */
function zoneProblems(gateway: readonly Subnet[], replicas: readonly Subnet[]): Problem[] {
  const zones = [...new Set(gateway.map(({ zone }) => zone))];
  const twice = gateway.flatMap((subnet, index) => {
    const first = gateway.slice(0, index).find(({ zone }) => zone === subnet.zone);
    return problemIf(
      first !== undefined,
      subnet,
      `one subnet for each zone: ${first?.id} is in ${subnet.zone} as well`,
    );
  });
  const unserved = replicas.flatMap((subnet) =>
    problemIf(
      !zones.includes(subnet.zone),
      subnet,
      `a subnet in a zone of the load balancer (${zones.join(", ")}); this one is in ${subnet.zone}`,
    ),
  );
  return [...twice, ...unserved];
}
