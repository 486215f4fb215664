import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { AccessLogs } from "./access-logs";
import type { GatewayArgs } from "./args";

export function createSecurityGroup(
  name: string,
  { network, ingressCidrs, domain }: Pick<GatewayArgs, "network" | "ingressCidrs" | "domain">,
  inside: pulumi.ResourceOptions,
) {
  const group = new aws.ec2.SecurityGroup(
    `${name}-gateway`,
    { vpcId: network.vpcId, description: "Load balancer: who may call" },
    inside,
  );
  const ports = domain ? { http: 80, https: 443 } : { http: 80 };
  for (const block of ingressCidrs) {
    for (const [protocol, port] of Object.entries(ports)) {
      new aws.vpc.SecurityGroupIngressRule(
        `${name}-${protocol}-${block.replace(/[./:]/g, "-")}`,
        {
          securityGroupId: group.id,
          ...(block.includes(":") ? { cidrIpv6: block } : { cidrIpv4: block }),
          ipProtocol: "tcp",
          fromPort: port,
          toPort: port,
          description: "Callers",
        },
        inside,
      );
    }
  }
  return group;
}

interface LoadBalancerArgs extends Pick<GatewayArgs, "network" | "internal" | "dualstack" | "protect" | "container"> {
  readonly accessLogs?: AccessLogs;
}

export function createLoadBalancer(
  name: string,
  { network, internal, dualstack, protect, container, accessLogs }: LoadBalancerArgs,
  securityGroup: aws.ec2.SecurityGroup,
  inside: pulumi.ResourceOptions,
) {
  return new aws.lb.LoadBalancer(
    name,
    {
      loadBalancerType: "application",
      ...(internal && { internal }),
      ...(dualstack && { ipAddressType: "dualstack" }),
      subnets: network.gatewaySubnetIds,
      securityGroups: [securityGroup.id],
      // The server's keep-alive must be longer, so that it never closes a connection in use.
      idleTimeout: container.idleSeconds,
      dropInvalidHeaderFields: true,
      desyncMitigationMode: "defensive",
      enableDeletionProtection: protect,
      ...(accessLogs && { accessLogs: { enabled: true, bucket: accessLogs.bucket } }),
    },
    // AWS writes a test object when logs are turned on, and refuses if it cannot.
    { ...inside, protect, dependsOn: [...(accessLogs?.needs ?? [])] },
  );
}
