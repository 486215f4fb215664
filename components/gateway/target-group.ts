import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { longestLogicalName, shortName } from "../short-name";
import type { GatewayArgs } from ".";

export function createTargetGroup(
  name: string,
  { network, spec, groupTags }: Pick<GatewayArgs, "network" | "spec" | "groupTags">,
  loadBalancer: aws.lb.LoadBalancer,
  inside: pulumi.ResourceOptions,
) {
  return new aws.lb.TargetGroup(
    shortName(name, longestLogicalName),
    {
      vpcId: network.vpcId,
      targetType: "ip",
      protocol: "HTTP",
      port: spec.port,
      // Inference times vary with the picture: the replica with the fewest open requests answers first.
      loadBalancingAlgorithmType: "least_outstanding_requests",
      deregistrationDelay: spec.drain.deregistrationSeconds,
      healthCheck: {
        path: spec.paths.readiness,
        matcher: "200",
        interval: 10,
        timeout: 5,
        healthyThreshold: 2,
        unhealthyThreshold: 3,
      },
      tags: { ...groupTags },
    },
    // A target group serves one load balancer for its whole life: elasticloadbalancing, "Quotas for your Application Load Balancers".
    { ...inside, replaceWith: [loadBalancer] },
  );
}
