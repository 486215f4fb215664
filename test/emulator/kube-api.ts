import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { promisify } from "node:util";
import { parse } from "yaml";
import { projectFolder } from "../../tools/offline";
import { findCli } from "../support/engine/cli";

const run = promisify(execFile);
const tool = join(projectFolder, "../shared/tools/kube-api");
const startLimitMs = 90_000;

/** The tools beside the project set themselves up together with the CLI. */
const found = findCli();
const env = found.found ? found.environment : process.env;

interface KubeConfig {
  readonly clusters: readonly {
    readonly cluster: { readonly server: string; readonly "certificate-authority": string };
  }[];
  readonly users: readonly { readonly user: { readonly token: string } }[];
}

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

export interface Answer {
  readonly status: number;
  readonly body: { readonly message?: string; readonly spec?: unknown };
}

/** Why there is no API server to ask, or nothing when there is. */
export function missingKubeApi(): string | undefined {
  if (!existsSync(tool)) return "no kube-apiserver at hand (../shared/tools/kube-api)";
  return env.KUBEBUILDER_ASSETS ? undefined : "KUBEBUILDER_ASSETS is not set (../shared/tools/setup sets it)";
}

/** A real kube-apiserver over etcd: it validates, defaults, admits and stores. No controller runs, so nothing becomes ready. */
export class KubeApi {
  private constructor(
    private readonly server: string,
    private readonly ca: Buffer,
    private readonly token: string,
  ) {}

  static async start(): Promise<KubeApi> {
    const { stdout } = await run(tool, ["start"], { timeout: startLimitMs, env });
    const config = parse(readFileSync(stdout.trim(), "utf8")) as KubeConfig;
    const cluster = config.clusters[0]?.cluster;
    const user = config.users[0]?.user;
    if (!cluster || !user) throw new Error(`${stdout.trim()} names no cluster or no user`);
    return new KubeApi(cluster.server, readFileSync(cluster["certificate-authority"]), user.token);
  }

  async stop(): Promise<void> {
    await run(tool, ["stop"], { timeout: startLimitMs, env });
  }

  /** Server-side apply, in which a field that the server does not know is an error. */
  apply(object: KubernetesObject): Promise<Answer> {
    const { apiVersion, kind, metadata } = object;
    const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const scope = metadata.namespace ? `/namespaces/${metadata.namespace}` : "";
    const path = `${root}${scope}/${plural(kind)}/${metadata.name}?fieldManager=test&force=true&fieldValidation=Strict`;
    return this.send("PATCH", path, JSON.stringify(object));
  }

  private send(method: string, path: string, body: string): Promise<Answer> {
    const headers = { authorization: `Bearer ${this.token}`, "content-type": "application/apply-patch+yaml" };
    return new Promise((resolve, reject) => {
      const call = request(`${this.server}${path}`, { method, ca: this.ca, headers, timeout: 10_000 }, (response) => {
        let text = "";
        response.on("data", (chunk) => {
          text += chunk;
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) }));
      });
      call.on("timeout", () => call.destroy(new Error(`${method} ${path} had no answer after 10 s`)));
      call.on("error", reject);
      call.end(body);
    });
  }
}

function plural(kind: string): string {
  const lower = kind.toLowerCase();
  return lower.endsWith("y") ? `${lower.slice(0, -1)}ies` : `${lower}s`;
}
