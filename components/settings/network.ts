import { parseCidr } from "../core/cidr";
import type { Problem } from "../core/problems";
import { entry } from "./entry";
import { joinedListener } from "./gateway";
import type { Values } from "./keys";
import { whenValid } from "./rule";
import {
  cidr,
  flag,
  fromJson,
  integer,
  isRecord,
  list,
  object,
  oneOf,
  optional,
  type Schema,
  text,
  type ValueOf,
} from "./schema";

const newNetwork = object(
  { cidr, zones: integer(2, 4), nat: oneOf(["one", "perZone", "none"]), ipv6: flag },
  { cidr: "10.0.0.0/16", zones: 2, nat: "one", ipv6: false },
);
const subnetIds = list(text("a subnet id such as subnet-0123abcd", (value) => /^subnet-[0-9a-f]{8,17}$/.test(value)));
const existingKeys = ["vpcId", "publicSubnetIds", "privateSubnetIds"];
const existingNetwork = object({
  vpcId: text("a VPC id such as vpc-0123abcd", (value) => /^vpc-[0-9a-f]{8,17}$/.test(value)),
  publicSubnetIds: subnetIds,
  privateSubnetIds: subnetIds,
});
export type NewNetwork = ValueOf<typeof newNetwork>;
export type ExistingNetwork = ValueOf<typeof existingNetwork>;

const onlyIfExisting = Object.entries(existingNetwork.parts ?? {}).map(([name, part]) => [name, optional(part)]);

/** One of two shapes: any id selects an existing network. A mix is reported as an unknown key. */
const network: Schema<NewNetwork | ExistingNetwork> = {
  ...newNetwork,
  parts: { ...newNetwork.parts, ...Object.fromEntries(onlyIfExisting) },
  read(value: unknown, key: string, problems: Problem[]) {
    const given = fromJson(value);
    const named = isRecord(given) ? Object.keys(given) : [];
    const schema = named.some((name) => existingKeys.includes(name)) ? existingNetwork : newNetwork;
    return schema.read(value, key, problems);
  },
};

export const networkKeys = {
  network: entry({
    schema: network,
    text: "A new VPC with `cidr`, `zones`, `nat` and `ipv6`, or an existing one with `vpcId`, `publicSubnetIds` and `privateSubnetIds`, which stays as it is. `ipv6` gives the public subnets IPv6 addresses; AWS does not take them back from a subnet in use. A running stack stays in its VPC: the program refuses another `cidr` or `vpcId` and prints how to move. `zones` stays as it is once the stack has an EKS cluster of its own.",
    example: { network: { zones: 3, nat: "perZone" } },
  }),
};

/** Public subnets take 1/32 of the block each and must hold the load balancer's addresses (/27); AWS ends at /16. */
const widestPrefix = 16;
const narrowestPrefix = 22;

export const networkRules = [
  whenValid({
    key: "network",
    fact: "An existing network has at least two public and two private subnets, in different zones. With `gateway`, `publicSubnetIds` may be empty.",
    reads: ["target", "network", "gateway"],
    problems: subnetProblems,
  }),
  whenValid({
    key: "network",
    fact: `\`cidr\` is a block from /${widestPrefix} to /${narrowestPrefix}.`,
    reads: ["network"],
    problems: blockProblems,
  }),
];

function subnetProblems({ network, ...written }: Pick<Values, "target" | "network" | "gateway">): Problem[] {
  if (!("vpcId" in network)) return [];
  const isUnused = (key: string) => key === "publicSubnetIds" && joinedListener(written) !== undefined;
  return (["publicSubnetIds", "privateSubnetIds"] as const)
    .filter((key) => !isUnused(key))
    .filter((key) => new Set(network[key]).size < 2 || new Set(network[key]).size < network[key].length)
    .map((key) => ({
      key: `network.${key}`,
      value: network[key],
      expected: "two or more different subnets, in different zones",
    }));
}

function blockProblems({ network }: Pick<Values, "network">): Problem[] {
  if ("vpcId" in network) return [];
  const block = parseCidr(network.cidr);
  if (!block || (block.prefix >= widestPrefix && block.prefix <= narrowestPrefix)) return [];
  const expected = `a block from /${widestPrefix} (the widest AWS allows) to /${narrowestPrefix} (smaller ones have no room for the load balancer)`;
  return [{ key: "network.cidr", value: network.cidr, expected }];
}
