import type * as pulumi from "@pulumi/pulumi";
import type { Container } from "../core/container";
import type { Settings } from "../settings";

export interface Domain {
  readonly name: string;
  /** The hosted zone that its records go into. */
  readonly zoneId: string;
  /** A certificate that exists already. */
  readonly certificateArn?: string;
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
  readonly network: {
    readonly vpcId: pulumi.Input<string>;
    readonly gatewaySubnetIds: pulumi.Input<string[]>;
  };
}
