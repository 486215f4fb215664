import type { Account } from "./account";
import type { Properties } from "./values";

/** An existing subnet is in the existing VPC. The last letter of its id gives its zone: a and c share one, b and d another. */
function givenSubnet(id: string, region: string): Properties {
  const zone = { a: "a", b: "b", c: "a", d: "b" }[id.at(-1) ?? ""];
  return { id, vpcId: "vpc-0123abcd", cidrBlock: "10.0.128.0/21", availabilityZone: `${region}${zone}` };
}

/** Describes a subnet of the stack, or an existing one. */
export function subnetOf(id: string, region: string, account: Account): Properties {
  const own = account.of("aws:ec2/subnet:Subnet").find((one) => one.id === id);
  return { ...(own ? { id, ...own.inputs } : givenSubnet(id, region)), availableIpAddressCount: 2043 };
}
