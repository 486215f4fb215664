/** The ports of one connection rule, both ends included. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** Addresses that the container may connect to. */
export interface Egress {
  readonly cidr: string;
  readonly protocol: "tcp" | "udp";
  readonly port: PortRange;
  /** The reason, for the person who reads the rule. */
  readonly why?: string;
}

export const allPorts: PortRange = { from: 1, to: 65_535 };

/** Open on every stack, because images, logs, secrets and models come through it. */
export const httpsEverywhere: Egress = {
  cidr: "0.0.0.0/0",
  protocol: "tcp",
  port: { from: 443, to: 443 },
  why: "Images, logs, secrets, models",
};

/** Whether both open the same ports of the same addresses. */
export const opensTheSame = (one: Egress, other: Egress) =>
  one.cidr === other.cidr &&
  one.protocol === other.protocol &&
  one.port.from === other.port.from &&
  one.port.to === other.port.to;
