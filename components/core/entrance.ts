import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { RulePriorities } from "./rule-priority";

export type RuleAction = aws.types.input.lb.ListenerRuleAction;
export type RuleCondition = aws.types.input.lb.ListenerRuleCondition;

/** Where the rules of a stack are: on all listeners of a load balancer of its own, or on one listener of somebody else. */
export type RulePlace = { readonly loadBalancerArn: string } | { readonly listenerArn: string };

/** What a rule matches, among the requests to this service. */
export interface RuleMatch {
  readonly paths?: readonly string[];
  readonly header?: { readonly name: string; readonly value: string };
}

/** What listener rules and target groups need of the load balancer. The component Gateway offers it. */
export interface Entrance {
  readonly loadBalancer: {
    readonly arnSuffix: pulumi.Input<string>;
  };
  readonly listenerArn: pulumi.Output<string>;
  readonly place: pulumi.Output<RulePlace>;
  readonly priorities: RulePriorities;
  /** The conditions of a rule. On a shared listener they exclude requests to other services. */
  conditions(match: RuleMatch): RuleCondition[];
  /** The actions of a rule: callers are authenticated before the action. */
  authenticated(action: RuleAction): RuleAction[];
  readonly requiresAuthentication: boolean;
  /** Creates the DNS records once the rule that serves callers exists, and returns their URL. */
  publish(serving: pulumi.CustomResource): pulumi.Output<string>;
}

/** A security group of the load balancer. */
export interface GatewayGroup {
  readonly id: pulumi.Input<string>;
  /** Ends the names of the rules between the group and the replicas. Empty for the stack's own group. */
  readonly suffix: string;
}
