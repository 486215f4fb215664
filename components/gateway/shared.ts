import * as pulumi from "@pulumi/pulumi";
import type { Entrance, GatewayGroup, RuleMatch } from "../core/entrance";
import { ruleConditions } from "../core/rule-conditions";
import { prioritiesFrom } from "../core/rule-priority";
import type { ExistingListener } from "./args";

/** A listener for the stack's rules, of its own or of somebody else. */
export interface Listening {
  readonly entrance: Omit<Entrance, "authenticated" | "requiresAuthentication">;
  readonly securityGroups: readonly GatewayGroup[];
  readonly dnsName: pulumi.Input<string>;
  readonly certificateArn?: pulumi.Output<string>;
  readonly accessLogs?: pulumi.Output<string>;
}

/** A listener that other services share. The program adds rules to it and changes nothing else. */
export function joinListener(listener: ExistingListener): Listening {
  const { loadBalancer, arn, priority } = listener;
  const { arnSuffix, dnsName, securityGroupIds } = loadBalancer;
  const url = urlOf(listener);
  return {
    // Named by their ids: another group on the load balancer must not rename the rules of the others.
    securityGroups: [...securityGroupIds].sort().map((id) => ({ id, suffix: `-${id}` })),
    dnsName,
    entrance: {
      loadBalancer: { arnSuffix },
      listenerArn: pulumi.output(arn),
      place: pulumi.output({ listenerArn: arn }),
      priorities: prioritiesFrom(priority),
      conditions: (match: RuleMatch) => ruleConditions(listener, match),
      publish: (serving) => serving.id.apply(() => url),
    },
  };
}

const usualPorts = { HTTP: 80, HTTPS: 443 };

function urlOf({ protocol, port, host, path = "", loadBalancer }: ExistingListener): string {
  const where = port === usualPorts[protocol] ? "" : `:${port}`;
  return `${protocol.toLowerCase()}://${host ?? loadBalancer.dnsName}${where}${path}`;
}
