import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { onEnd } from "../../support/on-end";
import type { KubeApi } from "./kube-api";

/** The real controllers of Kubernetes on an API server. Without nodes their pods never start; without metrics an autoscaler only keeps its bounds. */
export function startControllers({ kubeconfig, binaries }: Pick<KubeApi, "kubeconfig" | "binaries">): () => void {
  const keys = join(dirname(kubeconfig), "pki");
  const access = ["", "authentication-", "authorization-"].map((prefix) => `--${prefix}kubeconfig=${kubeconfig}`);
  const flags = [
    ...access,
    `--service-account-private-key-file=${join(keys, "sa.key")}`,
    `--root-ca-file=${join(keys, "cert.pem")}`,
    "--leader-elect=false",
    "--secure-port=0",
    "--horizontal-pod-autoscaler-sync-period=1s",
  ];
  const manager = spawn(join(binaries, "kubernetes"), ["kube-controller-manager", ...flags], { stdio: "ignore" });
  const forget = onEnd(() => manager.kill());
  return () => {
    forget();
    manager.kill();
  };
}
