import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

export type RuleAction = aws.types.input.lb.ListenerRuleAction;

/** What listener rules and target groups need of the load balancer. The component Gateway offers it. */
export interface Entrance {
  readonly loadBalancer: aws.lb.LoadBalancer;
  readonly listenerArn: pulumi.Output<string>;
  /** The actions of a rule: callers are authenticated before the action. */
  authenticated(action: RuleAction): RuleAction[];
  readonly requiresAuthentication: boolean;
  /** Creates the DNS records once the rule that serves callers exists, and returns their URL. */
  publish(serving: pulumi.CustomResource): pulumi.Output<string>;
}
