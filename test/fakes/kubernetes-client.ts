import { readFileSync } from "node:fs";
import { request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { parse } from "yaml";

const limitMs = 20_000;
const tries = 10;
const betweenMs = 500;

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
  readonly body: { readonly message?: string; readonly [key: string]: unknown };
}

interface Listed {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

type PatchType = "apply-patch+yaml" | "merge-patch+json";

/** A client of one API server, with the credentials of a kubeconfig. */
export class KubernetesClient {
  private readonly groups = new Map<string, Promise<readonly Listed[]>>();

  constructor(
    readonly server: string,
    readonly authority: Buffer,
    readonly token: string,
  ) {}

  static fromFile(path: string): KubernetesClient {
    const { clusters, users } = parse(readFileSync(path, "utf8")) as KubeConfig;
    const [cluster, user] = [clusters[0]?.cluster, users[0]?.user];
    if (!cluster || !user) throw new Error(`${path}: no cluster or no user`);
    return new KubernetesClient(cluster.server, readFileSync(cluster["certificate-authority"]), user.token);
  }

  /** The path of an object, from the API server's discovery; cluster-scoped kinds have no namespace in it. */
  async pathOf({ apiVersion, kind, metadata: { name, namespace = "default" } }: KubernetesObject): Promise<string> {
    const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    if (!this.groups.has(root)) this.groups.set(root, this.resourcesOf(root));
    const found = (await this.groups.get(root))?.find((one) => one.kind === kind && !one.name.includes("/"));
    if (!found) throw new Error(`no matches for kind "${kind}" in version "${apiVersion}"`);
    return `${root}${found.namespaced ? `/namespaces/${namespace}` : ""}/${found.name}/${name}`;
  }

  /** Server-side apply with strict field validation. */
  async apply(object: KubernetesObject, fieldManager: string, isForced = false): Promise<Answer> {
    const path = `${await this.pathOf(object)}?fieldManager=${fieldManager}&fieldValidation=Strict&force=${isForced}`;
    return this.send("PATCH", path, object, "apply-patch+yaml");
  }

  /** Retries on 429, which the API server also returns while it prepares storage for a new kind. */
  async send(method: string, path: string, body?: unknown, patch?: PatchType): Promise<Answer> {
    let answer = await this.sendOnce(method, path, body, patch);
    for (let left = tries; answer.status === 429 && left > 0; left--) {
      await sleep(betweenMs);
      answer = await this.sendOnce(method, path, body, patch);
    }
    return answer;
  }

  private sendOnce(method: string, path: string, body?: unknown, patch?: PatchType): Promise<Answer> {
    const headers = {
      authorization: `Bearer ${this.token}`,
      "content-type": `application/${method === "PATCH" ? patch : "json"}`,
    };
    const options = { method, ca: this.authority, headers, timeout: limitMs };
    return new Promise((resolve, reject) => {
      const call = request(`${this.server}${path}`, options, (response) => {
        let text = "";
        response.on("data", (chunk) => {
          text += chunk;
        });
        response.on("error", reject);
        response.on("end", () => {
          const { statusCode: status = 0 } = response;
          try {
            resolve({ status, body: JSON.parse(text) });
          } catch {
            // The API server answers an unknown path in plain text.
            if (status >= 400) resolve({ status, body: { message: text.trim() } });
            else reject(new Error(`${method} ${path} answered ${status} without JSON: ${text.slice(0, 200)}`));
          }
        });
      });
      call.on("timeout", () =>
        call.destroy(new Error(`${method} ${path} was not answered within ${limitMs / 1000} s`)),
      );
      call.on("error", reject);
      call.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  private async resourcesOf(root: string): Promise<readonly Listed[]> {
    const { status, body } = await this.send("GET", root);
    return status === 200 ? (body.resources as readonly Listed[]) : [];
  }
}
