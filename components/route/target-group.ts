import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Entrance } from "../core/entrance";
import { readinessCheck, type ServiceSpec } from "../core/service-spec";
import { longestLogicalName, shortName } from "../core/short-name";
import type { Attachment } from "../core/traffic-route";

export interface TargetGroupArgs {
  readonly vpcId: pulumi.Input<string>;
  readonly spec: Pick<ServiceSpec, "port" | "paths" | "drain" | "stickySeconds">;
  readonly attachment: Attachment;
}

export function createTargetGroup(
  name: string,
  { vpcId, spec, attachment }: TargetGroupArgs,
  { loadBalancer: { arnSuffix } }: Pick<Entrance, "loadBalancer">,
  inside: pulumi.ResourceOptions,
) {
  return new aws.lb.TargetGroup(
    shortName(name, longestLogicalName),
    {
      vpcId,
      targetType: "ip",
      protocol: "HTTP",
      port: spec.port,
      // Inference times vary with the picture: the replica with the fewest open requests answers first. It would also prefer a replica that
      // fails at once, so /ready turns 503 on a replica whose workers keep dying or whose runs all fail.
      loadBalancingAlgorithmType: "least_outstanding_requests",
      deregistrationDelay: spec.drain.deregistrationSeconds,
      ...(spec.stickySeconds > 0 && {
        stickiness: { type: "lb_cookie", enabled: true, cookieDuration: spec.stickySeconds },
      }),
      healthCheck: {
        path: spec.paths.readiness,
        matcher: "200",
        interval: readinessCheck.interval,
        timeout: readinessCheck.timeout,
        healthyThreshold: 2,
        unhealthyThreshold: readinessCheck.retries,
      },
      tags: { ...attachment.tags },
    },
    {
      ...inside,
      // A target group serves one load balancer for its whole life: elasticloadbalancing, "Quotas for your Application Load Balancers". The
      // trigger is in the state, so a later update replaces the group as well. `replaceWith` would not, if this one failed in between.
      // A cluster's controller deregisters every target that it did not register: a variant that changes its platform or its cluster under
      // its own name gets a group of its own there (kubernetes-sigs/aws-load-balancer-controller#2173, #2757).
      // With another path in place, replicas that answer only the old one would turn unhealthy before the new ones exist.
      replacementTrigger: [arnSuffix, attachment.replacementTrigger, spec.paths.readiness],
    },
  );
}
