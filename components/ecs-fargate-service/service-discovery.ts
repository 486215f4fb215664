import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { onPort, untilTrafficMoved } from "../core/service-port";
import { shortName } from "../core/short-name";

export interface DnsNamespaceArgs {
  readonly network: { readonly vpcId: pulumi.Input<string> };
  readonly port: number;
  /** Security groups whose members may call the tasks themselves. */
  readonly callers: readonly string[];
  readonly securityGroupId: pulumi.Input<string>;
}

/** A private DNS namespace in which callers inside the VPC find the tasks without the load balancer. On EKS the cluster has its own DNS. */
export interface DnsNamespace {
  readonly namespaceId: pulumi.Output<string>;
  readonly domain: string;
}

/** A label of a host name: RFC 1035. */
const longestLabel = 63;

/** Lets the callers reach the tasks. Without `internalCallers` there is no namespace. */
export function createDnsNamespace(
  name: string,
  args: DnsNamespaceArgs,
  inside: pulumi.ResourceOptions,
): DnsNamespace | undefined {
  const { network, port, callers, securityGroupId } = args;
  if (callers.length === 0) return undefined;
  for (const referencedSecurityGroupId of callers) {
    new aws.vpc.SecurityGroupIngressRule(
      `${name}-ecs-${referencedSecurityGroupId}`,
      {
        securityGroupId,
        referencedSecurityGroupId,
        ...onPort(port),
        description: "Callers inside the VPC",
      },
      untilTrafficMoved(inside),
    );
  }
  const domain = `${shortName(`${name}-${pulumi.getStack()}`, longestLabel)}.internal`;
  const namespace = new aws.servicediscovery.PrivateDnsNamespace(name, { name: domain, vpc: network.vpcId }, inside);
  return { namespaceId: namespace.id, domain };
}

/** The DNS name of one variant. It resolves to the addresses of its running tasks. */
export function createDiscoveryService(
  name: string,
  { namespaceId, variant }: { readonly namespaceId: pulumi.Input<string>; readonly variant: string },
  inside: pulumi.ResourceOptions,
) {
  return new aws.servicediscovery.Service(
    name,
    {
      name: variant,
      dnsConfig: { namespaceId, routingPolicy: "MULTIVALUE", dnsRecords: [{ type: "A", ttl: 10 }] },
      // ECS reports the health of its tasks. failureThreshold is deprecated, but the provider drops an empty block and then plans a replacement in every update.
      healthCheckCustomConfig: { failureThreshold: 1 },
      forceDestroy: true,
    },
    inside,
  );
}
