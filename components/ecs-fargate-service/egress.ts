import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { type Egress, httpsEverywhere } from "../core/egress";

export interface EgressArgs {
  readonly securityGroupId: pulumi.Input<string>;
  readonly egress: Readonly<Record<string, Egress>>;
}

/**
 * What the tasks may connect to. The DNS server of the VPC and the credentials of the task are outside of security groups
 * (https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html).
 */
export function createEgressRules(
  name: string,
  { securityGroupId, egress }: EgressArgs,
  inside: pulumi.ResourceOptions,
): aws.vpc.SecurityGroupEgressRule[] {
  const create = (suffix: string, label: string, rule: Egress) =>
    new aws.vpc.SecurityGroupEgressRule(
      `${name}-ecs-${suffix}`,
      { securityGroupId, ...destination(rule), description: rule.why ?? label },
      inside,
    );
  const own = Object.entries(egress).map(([label, rule]) => create(`to-${label}`, label, rule));
  return [create("https", "https", httpsEverywhere), ...own];
}

const destination = ({ cidr, protocol, port }: Egress) => ({
  ...(cidr.includes(":") ? { cidrIpv6: cidr } : { cidrIpv4: cidr }),
  ipProtocol: protocol,
  fromPort: port.from,
  toPort: port.to,
});
