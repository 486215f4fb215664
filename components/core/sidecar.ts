import { type User, userOf } from "./container";

/** A further container of every replica, such as an agent or a proxy. */
export interface Sidecar {
  readonly name: string;
  readonly image: string;
  /** Its share of the replica. */
  readonly cpuUnits: number;
  readonly memoryMiB: number;
  /** In place of the image's entry point. */
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Absent: the user of the container. */
  readonly user?: User;
  readonly readOnly: boolean;
}

/** One entry of the key `sidecars` as it is written. */
export interface SidecarSettings extends Pick<Sidecar, "image" | "command" | "args" | "environment" | "readOnly"> {
  readonly cpu: number;
  readonly memory: number;
  readonly user?: string;
}

/** A pod gives its containers one user, which a container can change but not take away: so the default is the same user everywhere. */
export const sidecarsOf = (written: Readonly<Record<string, SidecarSettings>>, inherited?: User): Sidecar[] =>
  Object.entries(written).map(([name, { cpu, memory, user: named, ...others }]) => {
    const user = named === undefined ? inherited : userOf(named);
    return { name, ...others, cpuUnits: cpu, memoryMiB: memory, ...(user && { user }) };
  });

interface Size {
  readonly cpuUnits: number;
  readonly memoryMiB: number;
}

/** What the sidecars leave to the container. */
export const ownShare = ({ cpuUnits, memoryMiB, sidecars }: Size & { readonly sidecars: readonly Size[] }): Size =>
  sidecars.reduce(
    (left, each) => ({ cpuUnits: left.cpuUnits - each.cpuUnits, memoryMiB: left.memoryMiB - each.memoryMiB }),
    { cpuUnits, memoryMiB },
  );
