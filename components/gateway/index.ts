import * as pulumi from "@pulumi/pulumi";
import type { Entrance } from "../core/entrance";
import { createAccessLogs } from "./access-logs";
import type { GatewayArgs } from "./args";
import { createAuthentication, inOrder } from "./auth";
import { publish } from "./domain";
import { hidePaths } from "./hidden-paths";
import { createListener } from "./listener";
import { createLoadBalancer, createSecurityGroup } from "./load-balancer";
import { createWaf } from "./waf";

export type { GatewayArgs } from "./args";

/**
 * The one Application Load Balancer of a stack, with its listeners, authentication, WAF, access logs and DNS records. It knows no variant,
 * so a change of targets does not change it. It costs the load balancer's hours and capacity units, and those of WAF when it is on.
 *
 * @example
 * const gateway = new Gateway("inference", { ...defaultValues(), domain: undefined, region, network, ingressCidrs: ["0.0.0.0/0"] });
 * // gateway.entrance goes into VariantRoute and Traffic.
 */
export class Gateway extends pulumi.ComponentResource {
  readonly securityGroupId: pulumi.Output<string>;
  /** For the components that add target groups and listener rules. */
  readonly entrance: Entrance;
  /** With a domain. */
  readonly certificateArn?: pulumi.Output<string>;
  /** Where the access logs are, when they are on. */
  readonly accessLogs?: pulumi.Output<string>;

  constructor(name: string, args: GatewayArgs, opts?: pulumi.ComponentResourceOptions) {
    super("inference:aws:Gateway", name, {}, opts);
    const inside = { parent: this };
    if (!args.domain) {
      pulumi.log.warn("there is no domain, so requests travel over plain HTTP: send nothing confidential", this);
    }
    const securityGroup = createSecurityGroup(name, args, inside);
    const accessLogs = createAccessLogs(name, args, inside);
    const loadBalancer = createLoadBalancer(name, { ...args, accessLogs }, securityGroup, inside);
    const authentication = createAuthentication(name, args, securityGroup, inside);
    const firewall = createWaf(name, args, loadBalancer, inside);
    const listener = createListener(name, loadBalancer, args.domain, { ...inside, dependsOn: firewall });
    hidePaths(name, args.container.platformPaths, listener, inside);
    this.securityGroupId = securityGroup.id;
    this.accessLogs = accessLogs?.location;
    if (args.domain) this.certificateArn = listener.certificateArn.apply((arn) => arn ?? "");
    this.entrance = {
      loadBalancer,
      listenerArn: listener.arn,
      authenticated: (action) => inOrder([...authentication, action]),
      requiresAuthentication: authentication.length > 0,
      publish: (serving) => publish(name, args, loadBalancer, serving, inside),
    };
    this.registerOutputs({ dnsName: loadBalancer.dnsName });
  }
}
