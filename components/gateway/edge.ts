import type { Settings } from "../settings";

export interface Domain {
  readonly name: string;
  /** The hosted zone that its records go into. */
  readonly zoneId: string;
  /** A certificate that exists already. */
  readonly certificateArn?: string;
}

/** What a stack says of its edge, with the domain as the account has it. */
export interface Edge
  extends Pick<
    Settings,
    "region" | "ingressCidrs" | "dualstack" | "auth" | "waf" | "internal" | "accessLogDays" | "protect"
  > {
  /** HTTPS under this name; plain HTTP without one. */
  readonly domain?: Domain;
}
