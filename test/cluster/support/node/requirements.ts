import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { findCli, projectRoot } from "../../../engine/support/cli";

export const nodeTool = join(projectRoot, "../shared/tools/kube-node");

/** Commands that kube-node and the namespaces around it run, by the package of Debian that has them. */
const commands: Readonly<Record<string, readonly string[]>> = {
  containerd: ["containerd", "ctr"],
  runc: ["runc"],
  iptables: ["iptables"],
  iproute2: ["ip"],
  openssl: ["openssl"],
  "util-linux": ["unshare", "setpriv"],
  procps: ["pgrep"],
};

/** The setup of the tools beside the project prepares the CLI and the parts of Kubernetes. */
export function nodeEnvironment(): NodeJS.ProcessEnv {
  const cli = findCli();
  return cli.found ? cli.environment : process.env;
}

/** The reason why this machine cannot run a Kubernetes node; undefined when it can. */
export function missingKubeNode(environment = nodeEnvironment(), uid = process.getuid?.()): string | undefined {
  if (!existsSync(nodeTool)) return "no Kubernetes node: ../shared/tools/kube-node does not exist";
  if (!existsSync(join(environment.KUBEBUILDER_ASSETS ?? "", "kubernetes"))) {
    return "KUBEBUILDER_ASSETS names no folder with the binary kubernetes (../shared/tools/setup sets it)";
  }
  if (uid !== 0) return "a Kubernetes node needs root";
  const has = (command: string) =>
    (environment.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, command)));
  const packages = Object.keys(commands).filter((name) => !commands[name]?.every(has));
  if (!existsSync("/usr/lib/cni/bridge")) packages.push("containernetworking-plugins");
  if (packages.length > 0) {
    return `no Kubernetes node without ${packages.join(", ")}: apt-get install -y --no-install-recommends ${packages.join(" ")}`;
  }
  return has("kubectl") ? undefined : "no kubectl on PATH (https://kubernetes.io/docs/tasks/tools/)";
}
