import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

/** Whether one of the security groups admits every IPv4 address on the port. Route 53's health checkers have addresses all over the world. */
export const isOpenToAll = async (groupIds: readonly string[], port: number, opts: pulumi.InvokeOptions) =>
  (await admittingRules(groupIds, port, opts)).some(({ cidrIpv4 }) => cidrIpv4 === "0.0.0.0/0");

/** The rules that admit somebody on the port. */
export async function admittingRules(groupIds: readonly string[], port: number, opts: pulumi.InvokeOptions) {
  const filters = [{ name: "group-id", values: [...groupIds] }];
  const { ids } = await aws.vpc.getSecurityGroupRules({ filters }, opts);
  const rules = await Promise.all(
    ids.map((securityGroupRuleId) => aws.vpc.getSecurityGroupRule({ securityGroupRuleId }, opts)),
  );
  return rules.filter(
    ({ isEgress, ipProtocol, fromPort, toPort }) =>
      !isEgress && (ipProtocol === "-1" || (ipProtocol === "tcp" && fromPort <= port && port <= toPort)),
  );
}
