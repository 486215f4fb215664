import type { Problem } from "../core/problems";
import type { Settings } from "../settings";
import type { Running } from "./running";

const wayToMove =
  "AWS moves no load balancer to another VPC: deploy a second stack and point callers to it, or run pulumi destroy first";

/** Refuses settings that would move a running stack to another VPC. */
export function vpcProblems({ network }: Pick<Settings, "network">, { loadBalancer, vpc }: Running): Problem[] {
  if (!loadBalancer) return [];
  const { vpcId } = loadBalancer;
  const own = vpc?.arn.endsWith(`/${vpcId}`) ? vpc : undefined;
  const given = "vpcId" in network ? network.vpcId : undefined;
  const notOwn = {
    key: "network.vpcId",
    value: given,
    expected: `${vpcId}, the VPC of the running stack. ${wayToMove}`,
  };
  if (!own) return given === vpcId ? [] : [notOwn];
  const leaves = { ...notOwn, expected: `no vpcId, because the running stack created its VPC. ${wayToMove}` };
  if (!("cidr" in network)) return [leaves];
  const expected = `${own.cidrBlock}, the block of the running stack's VPC. ${wayToMove}`;
  return own.cidrBlock === network.cidr ? [] : [{ key: "network.cidr", value: network.cidr, expected }];
}
