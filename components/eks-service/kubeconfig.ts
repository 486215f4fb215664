import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { once } from "../aws/connection";
import { deploymentError } from "../core/problems";
import { reasonOf } from "../core/reason";

/** The address, TLS options and credentials of a cluster's API server. */
export interface ClusterAccess {
  readonly server: string;
  readonly ca?: Buffer;
  readonly servername?: string;
  readonly rejectUnauthorized: boolean;
  credentials(): Promise<Credentials>;
}

export interface Credentials {
  readonly token?: string;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

/** The fields of a kubeconfig that are read (https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/). */
interface Kubeconfig {
  readonly clusters?: readonly { readonly name: string; readonly cluster: ClusterFields }[];
  readonly users?: readonly { readonly name: string; readonly user: UserFields }[];
  readonly contexts?: readonly { readonly name: string; readonly context: { cluster: string; user: string } }[];
  readonly "current-context"?: string;
}

interface ClusterFields {
  readonly server: string;
  readonly "certificate-authority-data"?: string;
  readonly "certificate-authority"?: string;
  readonly "insecure-skip-tls-verify"?: boolean;
  readonly "tls-server-name"?: string;
}

interface UserFields {
  readonly exec?: Exec;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly "client-certificate-data"?: string;
  readonly "client-certificate"?: string;
  readonly "client-key-data"?: string;
  readonly "client-key"?: string;
}

interface Exec {
  readonly apiVersion?: string;
  readonly command: string;
  readonly args?: readonly string[] | null;
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null;
}

interface ExecCredential {
  readonly status?: {
    readonly token?: string;
    readonly clientCertificateData?: string;
    readonly clientKeyData?: string;
    readonly expirationTimestamp?: string;
  };
}

/** The connection of the current context, or of the only one. */
export async function clusterAccess(kubeconfig: string): Promise<ClusterAccess> {
  const { clusters = [], users = [], contexts = [], ...rest } = await readYaml(kubeconfig);
  const { context } = contexts.find(({ name }) => name === rest["current-context"]) ?? contexts[0] ?? {};
  const cluster = clusters.find(({ name }) => name === context?.cluster)?.cluster;
  const user = users.find(({ name }) => name === context?.user)?.user;
  if (!cluster || !user)
    throw deploymentError("kubeconfig: its current context must name a cluster and a user that the file contains");
  return {
    server: cluster.server.replace(/\/$/, ""),
    ca: await bytes(cluster["certificate-authority-data"], cluster["certificate-authority"]),
    servername: cluster["tls-server-name"],
    rejectUnauthorized: cluster["insecure-skip-tls-verify"] !== true,
    credentials: user.exec ? renewed(user.exec) : once(() => fixed(user)),
  };
}

/** Errors and warnings of the parser quote a line, which may hold a token. */
async function readYaml(kubeconfig: string): Promise<Kubeconfig> {
  const { parse } = await import("yaml");
  try {
    return parse(kubeconfig, { logLevel: "error" }) as Kubeconfig;
  } catch {
    throw deploymentError("kubeconfig: it must be valid YAML");
  }
}

async function bytes(data: string | undefined, path: string | undefined): Promise<Buffer | undefined> {
  if (data) return Buffer.from(data, "base64");
  if (!path) return undefined;
  return readFile(path).catch((error: unknown) => {
    throw deploymentError(`kubeconfig: ${reasonOf(error)}`);
  });
}

async function fixed(user: UserFields): Promise<Credentials> {
  return {
    token: user.token ?? (user.tokenFile ? (await readFile(user.tokenFile, "utf8")).trim() : undefined),
    cert: await bytes(user["client-certificate-data"], user["client-certificate"]),
    key: await bytes(user["client-key-data"], user["client-key"]),
  };
}

const marginMs = 60_000;
const signInLimitMs = 60_000;

/** Keeps the credentials of a command until shortly before they expire: an EKS token lasts 15 minutes, less than a deployment may take. */
function renewed(exec: Exec): () => Promise<Credentials> {
  let kept: Promise<Credentials> | undefined;
  let untilMs = 0;
  const renew = async (): Promise<Credentials> => {
    const { token, clientCertificateData, clientKeyData, expirationTimestamp } = await signIn(exec);
    untilMs = expirationTimestamp ? Date.parse(expirationTimestamp) - marginMs : Number.POSITIVE_INFINITY;
    const [cert, key] = [clientCertificateData, clientKeyData].map((text) => (text ? Buffer.from(text) : undefined));
    return { token, cert, key };
  };
  return async () => {
    if (kept === undefined || Date.now() >= untilMs) {
      untilMs = Number.POSITIVE_INFINITY;
      kept = renew().catch((error: unknown) => {
        kept = undefined;
        throw error;
      });
    }
    return kept;
  };
}

/** The protocol of https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins. */
async function signIn({ command, args, env, apiVersion = "client.authentication.k8s.io/v1" }: Exec) {
  const own = Object.fromEntries((env ?? []).map(({ name, value }) => [name, value]));
  const info = JSON.stringify({ apiVersion, kind: "ExecCredential", spec: { interactive: false } });
  const options = { env: { ...process.env, KUBERNETES_EXEC_INFO: info, ...own }, timeout: signInLimitMs };
  try {
    const { stdout } = await promisify(execFile)(command, [...(args ?? [])], options);
    return (JSON.parse(stdout) as ExecCredential).status ?? {};
  } catch (error) {
    // The error message contains the command line, which may hold secrets of the kubeconfig; stderr does not.
    const { code, stderr } = error as { code?: string | number; stderr?: string };
    const reason = stderr?.trim() || (code === "ENOENT" ? "the command does not exist" : `it ended with ${code}`);
    throw deploymentError(`Could not sign in to the cluster with \`${command}\`: ${reason}`);
  }
}
