import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { RuleMatch } from "../core/entrance";
import { ruleConditions } from "../core/rule-conditions";
import { ownPriorities } from "../core/rule-priority";
import { createAccessLogs } from "./access-logs";
import type { GatewayArgs } from "./args";
import { openIdentityProvider } from "./auth";
import { publish } from "./domain";
import { createListener } from "./listener";
import { createLoadBalancer, createSecurityGroup } from "./load-balancer";
import type { Listening } from "./shared";
import { createWaf } from "./waf";

/** A load balancer of the stack's own, with its listeners, WAF, access logs and DNS records. */
export function createOwn(name: string, args: GatewayArgs, inside: pulumi.ResourceOptions): Listening {
  const securityGroup = createSecurityGroup(name, args, inside);
  const accessLogs = createAccessLogs(name, args, inside);
  const loadBalancer = createLoadBalancer(name, { ...args, accessLogs }, securityGroup, inside);
  openIdentityProvider(name, args, securityGroup, inside);
  const firewall = createWaf(name, args, loadBalancer, inside);
  const listener = createListener(name, loadBalancer, args.domain, { ...inside, dependsOn: firewall });
  return {
    securityGroups: [{ id: securityGroup.id, suffix: "" }],
    accessLogs: accessLogs?.location,
    dnsName: loadBalancer.dnsName,
    ...(args.domain && { certificateArn: listener.certificateArn.apply((arn) => arn ?? "") }),
    entrance: {
      loadBalancer: { arnSuffix: loadBalancer.arnSuffix },
      listenerArn: listener.arn,
      place: placeOf(loadBalancer),
      priorities: ownPriorities,
      conditions: (match: RuleMatch) => ruleConditions({}, match),
      publish: (serving) => publish(name, args, loadBalancer, serving, inside),
    },
  };
}

const placeOf = ({ arn }: aws.lb.LoadBalancer) => arn.apply((loadBalancerArn) => ({ loadBalancerArn }));
