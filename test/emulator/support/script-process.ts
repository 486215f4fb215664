import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { KubernetesClient } from "../../fakes/kubernetes-client";
import { temporaryFolder } from "../../support/folder";

const limitMs = 60_000;

/** The pod of a script that runs in the cluster. */
export interface PodOfScript {
  readonly serviceAccountName: string;
  readonly containers: readonly {
    readonly command: readonly string[];
    readonly env: readonly { readonly name: string; readonly value: string }[];
  }[];
}

export interface ScriptProcess {
  /** What it has printed so far. */
  readonly said: () => string;
  readonly ended: Promise<{ readonly code: number; readonly output: string }>;
  /** Ends it as the kubelet does. */
  stop(): void;
}

/** The container of a script as a process with the token of its account. */
export async function startScript(
  client: KubernetesClient,
  namespace: string,
  { serviceAccountName, containers }: PodOfScript,
  changed: Readonly<Record<string, string>> = {},
): Promise<ScriptProcess> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccountName}/token`;
  const { body } = await client.send("POST", path, { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest" });
  const folder = temporaryFolder("account");
  writeFileSync(join(folder, "token"), (body.status as { token: string }).token);
  writeFileSync(join(folder, "ca.crt"), client.authority);
  const [container] = containers;
  if (container === undefined) throw new Error(`the pod of ${serviceAccountName} has no container`);
  const { hostname, port } = new URL(client.server);
  const env = {
    PATH: process.env.PATH,
    ...Object.fromEntries(container.env.map(({ name, value }) => [name, value])),
    TOKEN_FILE: join(folder, "token"),
    NODE_EXTRA_CA_CERTS: join(folder, "ca.crt"),
    KUBERNETES_SERVICE_HOST: hostname,
    KUBERNETES_SERVICE_PORT: port,
    ...changed,
  };
  // As the kubelet reads a command.
  const [program = "", ...args] = container.command.map((part) => part.replaceAll("$$", () => "$"));
  const child = spawn(program, args, { env, timeout: limitMs });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (text) => {
      output += text;
    });
  const ended = once(child, "close").then(([code]) => ({ code: Number(code ?? 1), output }));
  return { ended, said: () => output, stop: () => child.kill("SIGTERM") };
}

/** The same, to its end. */
export const runScript = async (...args: Parameters<typeof startScript>) => (await startScript(...args)).ended;
