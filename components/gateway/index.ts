import * as pulumi from "@pulumi/pulumi";
import type { Entrance, GatewayGroup } from "../core/entrance";
import type { GatewayArgs } from "./args";
import { createAuthentication, inOrder } from "./auth";
import { hidePaths } from "./hidden-paths";
import { createOwn } from "./own";
import { joinListener } from "./shared";

export type { GatewayArgs } from "./args";

/**
 * The one Application Load Balancer of a stack, with its listeners, authentication, WAF, access logs and DNS records, or rules on the
 * listener of somebody else. It knows no variant, so a change of targets does not change it. A load balancer of its own costs its hours
 * and capacity units, and those of WAF when it is on.
 *
 * @example
 * const gateway = new Gateway("inference", { ...defaultValues(), domain: undefined, region, network, ingressCidrs: ["0.0.0.0/0"] });
 * // gateway.entrance goes into VariantRoute and Traffic.
 */
export class Gateway extends pulumi.ComponentResource {
  /** The security groups of the load balancer. */
  readonly securityGroups: readonly GatewayGroup[];
  /** For the components that add target groups and listener rules. */
  readonly entrance: Entrance;
  /** Of the stack's own listener, with a domain. */
  readonly certificateArn?: pulumi.Output<string>;
  /** Where the access logs are, when they are on. */
  readonly accessLogs?: pulumi.Output<string>;

  constructor(name: string, args: GatewayArgs, opts?: pulumi.ComponentResourceOptions) {
    super("inference:aws:Gateway", name, {}, opts);
    const inside = { parent: this };
    const { listener, domain } = args;
    const isPlain = listener ? listener.protocol === "HTTP" : !domain;
    const reason = listener ? "the listener is not HTTPS" : "there is no domain";
    if (isPlain) pulumi.log.warn(`${reason}, so requests travel over plain HTTP: send nothing confidential`, this);
    const { entrance, securityGroups, certificateArn, accessLogs, dnsName } = listener
      ? joinListener(listener)
      : createOwn(name, args, inside);
    const authentication = createAuthentication(args, inside);
    this.securityGroups = securityGroups;
    this.accessLogs = accessLogs;
    this.certificateArn = certificateArn;
    this.entrance = {
      ...entrance,
      authenticated: (action) => inOrder([...authentication, action]),
      requiresAuthentication: authentication.length > 0,
    };
    hidePaths(name, args.container.platformPaths, this.entrance, inside);
    this.registerOutputs({ dnsName });
  }
}
