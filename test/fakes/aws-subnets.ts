import type { Account } from "./account";
import type { Properties } from "./values";

/** A subnet that somebody else made lies in the one VPC that does; its zone follows from the last letter of its id: a and c share one, b and d. */
function givenSubnet(id: string, region: string): Properties {
  const zone = { a: "a", b: "b", c: "a", d: "b" }[id.at(-1) ?? ""];
  return { id, vpcId: "vpc-0123abcd", cidrBlock: "10.0.128.0/21", availabilityZone: `${region}${zone}` };
}

/** As AWS describes it: one of the account's, or one that was there before. */
export function subnetOf(id: string, region: string, account: Account): Properties {
  const own = account.of("aws:ec2/subnet:Subnet").find((one) => one.id === id);
  return { ...(own ? { id, ...own.inputs } : givenSubnet(id, region)), availableIpAddressCount: 2043 };
}
