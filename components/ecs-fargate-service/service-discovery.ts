import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { shortName } from "../core/short-name";

export interface NamesArgs {
  readonly network: { readonly vpcId: pulumi.Input<string> };
  readonly port: number;
  /** Security groups whose members may call the tasks themselves. */
  readonly callers: readonly string[];
  readonly securityGroupId: pulumi.Input<string>;
}

/** Names inside the VPC, for callers that need no load balancer: what the cluster's own names are on EKS. */
export interface Names {
  readonly namespaceId: pulumi.Output<string>;
  readonly domain: string;
}

/** A label of a host name: RFC 1035. */
const longestLabel = 63;

/** None where nobody may call by them. */
export function createNames(name: string, args: NamesArgs, inside: pulumi.ResourceOptions): Names | undefined {
  const { network, port, callers, securityGroupId } = args;
  if (callers.length === 0) return undefined;
  for (const referencedSecurityGroupId of callers) {
    new aws.vpc.SecurityGroupIngressRule(
      `${name}-ecs-${referencedSecurityGroupId}`,
      {
        securityGroupId,
        referencedSecurityGroupId,
        ipProtocol: "tcp",
        fromPort: port,
        toPort: port,
        description: "Callers inside the VPC",
      },
      inside,
    );
  }
  const domain = `${shortName(`${name}-${pulumi.getStack()}`, longestLabel)}.internal`;
  const namespace = new aws.servicediscovery.PrivateDnsNamespace(name, { name: domain, vpc: network.vpcId }, inside);
  return { namespaceId: namespace.id, domain };
}

/** One variant's name: the addresses of its running tasks. */
export function createName(
  name: string,
  { namespaceId, variant }: { readonly namespaceId: pulumi.Input<string>; readonly variant: string },
  inside: pulumi.ResourceOptions,
) {
  return new aws.servicediscovery.Service(
    name,
    {
      name: variant,
      dnsConfig: { namespaceId, routingPolicy: "MULTIVALUE", dnsRecords: [{ type: "A", ttl: 10 }] },
      // ECS tells which tasks are well. Deprecated, and still the only way: the provider drops an empty block and plans a replacement for ever.
      healthCheckCustomConfig: { failureThreshold: 1 },
      forceDestroy: true,
    },
    inside,
  );
}
