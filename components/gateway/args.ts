import type * as pulumi from "@pulumi/pulumi";
import type { Container } from "../core/container";
import type { RuleScope } from "../core/rule-conditions";
import type { Settings } from "../settings";

export interface Domain {
  readonly name: string;
  /** The hosted zone that its records go into. */
  readonly zoneId: string;
  /** A certificate that exists already. */
  readonly certificateArn?: string;
}

/** A listener of somebody else's load balancer. */
export interface ExistingListener extends RuleScope {
  readonly arn: string;
  readonly protocol: "HTTP" | "HTTPS";
  readonly port: number;
  /** The first priority of the stack's rules. */
  readonly priority: number;
  readonly loadBalancer: {
    readonly arnSuffix: string;
    readonly dnsName: string;
    readonly securityGroupIds: readonly string[];
  };
}

export interface GatewayArgs
  extends Pick<
    Settings,
    | "region"
    | "ingressCidrs"
    | "dualstack"
    | "auth"
    | "waf"
    | "internal"
    | "accessLogDays"
    | "logRetentionDays"
    | "protect"
  > {
  readonly container: Pick<Container, "platformPaths" | "idleSeconds">;
  /** HTTPS under this name; plain HTTP without one. */
  readonly domain?: Domain;
  /** Puts the rules on this listener. No load balancer is created. */
  readonly listener?: ExistingListener;
  readonly network: {
    readonly vpcId: pulumi.Input<string>;
    readonly gatewaySubnetIds: pulumi.Input<string[]>;
  };
}
