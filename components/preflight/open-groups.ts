import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

/** Whether one of the security groups admits every IPv4 address on the port. Route 53's health checkers have addresses all over the world. */
export async function isOpenToAll(
  groupIds: readonly string[],
  port: number,
  opts: pulumi.InvokeOptions,
): Promise<boolean> {
  const filters = [{ name: "group-id", values: [...groupIds] }];
  const { ids } = await aws.vpc.getSecurityGroupRules({ filters }, opts);
  const rules = await Promise.all(
    ids.map((securityGroupRuleId) => aws.vpc.getSecurityGroupRule({ securityGroupRuleId }, opts)),
  );
  return rules.some(
    ({ isEgress, cidrIpv4, ipProtocol, fromPort, toPort }) =>
      !isEgress &&
      cidrIpv4 === "0.0.0.0/0" &&
      (ipProtocol === "-1" || (ipProtocol === "tcp" && fromPort <= port && port <= toPort)),
  );
}
