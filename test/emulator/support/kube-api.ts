import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { findCli, projectRoot } from "../../engine/support/cli";
import { KubernetesClient } from "../../fakes/kubernetes-client";
import { freePort } from "../../support/free-port";
import { onEnd } from "../../support/on-end";

const run = promisify(execFile);
const tool = join(projectRoot, "../shared/tools/kube-api");
const startLimitMs = 90_000;

/** The setup of the tools beside the project also prepares the CLI. */
const found = findCli();
const environment = found.found ? found.environment : process.env;

/** The reason why this machine has no API server; undefined when it has one. */
export function missingKubeApi(): string | undefined {
  if (!existsSync(tool)) return "no kube-apiserver: ../shared/tools/kube-api does not exist";
  return environment.KUBEBUILDER_ASSETS
    ? undefined
    : "KUBEBUILDER_ASSETS names no folder with kube-apiserver and etcd (../shared/tools/setup sets it)";
}

/** A real kube-apiserver with etcd: it validates, defaults, admits and stores. No controller runs, so nothing becomes ready. */
export class KubeApi {
  readonly kubeconfig: string;

  private constructor(
    private readonly folder: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {
    this.kubeconfig = join(folder, "kube-api/kubeconfig");
  }

  /** Uses its own folder and ports, so that two can run at a time. */
  static async start(): Promise<KubeApi> {
    const folder = mkdtempSync(join(tmpdir(), "kube-"));
    const ports = { API_PORT: String(await freePort()), ETCD_PORT: String(await freePort(2)) };
    const api = new KubeApi(folder, { ...environment, ...ports, TMPDIR: folder });
    api.forget = onEnd(api.end);
    try {
      await run(tool, ["start"], { timeout: startLimitMs, env: api.env });
    } catch (error) {
      api.stop();
      const { stderr = "", message } = error as { stderr?: string; message: string };
      throw new Error(`the kube-apiserver did not start within ${startLimitMs / 1000} s: ${stderr.trim() || message}`);
    }
    return api;
  }

  /** The folder of the programs of Kubernetes. */
  get binaries(): string {
    return this.env.KUBEBUILDER_ASSETS ?? "";
  }

  get client(): KubernetesClient {
    return KubernetesClient.fromFile(this.kubeconfig);
  }

  readonly stop = (): void => {
    this.forget();
    this.end();
  };

  private forget = (): void => {};

  private readonly end = (): void => {
    execFileSync(tool, ["stop"], { timeout: startLimitMs, env: this.env });
    rmSync(this.folder, { recursive: true, force: true });
  };
}
