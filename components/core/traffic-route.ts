import type * as pulumi from "@pulumi/pulumi";
import type { Workload } from "./workload";

/** How requests reach a workload. The component VariantRoute creates it. */
export interface TrafficRoute {
  readonly workload: Workload;
  /** Requests with this header reach the workload, independent of the weights. */
  readonly header: string;
  /** Resolves once the group is attached to the load balancer: AWS refuses a service on a group that is not. */
  readonly targetGroupArn: pulumi.Output<string>;
  /** The two dimensions of its metrics in CloudWatch. */
  readonly targetGroupArnSuffix: pulumi.Output<string>;
  readonly loadBalancerArnSuffix: pulumi.Output<string>;
}

/** Settings that a target needs on the target groups of its replicas. */
export interface Attachment {
  /** Another value replaces the group. */
  readonly replacementTrigger: string;
  readonly tags: Readonly<Record<string, string>>;
}
