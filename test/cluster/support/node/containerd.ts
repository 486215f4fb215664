import { join } from "node:path";
import { runCommand } from "../../../../tools/start/command";

export interface Containerd {
  /** Of the node. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Runs a command of containerd's own CLI on what the kubelet made. */
export function ctr({ folder, env }: Containerd, args: readonly string[]): Promise<string> {
  const socket = join(folder, "containerd.sock");
  return runCommand("ctr", ["-a", socket, "-n", "k8s.io", ...args], { limitSeconds: 120, env });
}
