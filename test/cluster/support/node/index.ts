import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { runCommand } from "../../../../tools/start/command";
import type { Docker } from "../../../../tools/start/docker";
import { KubernetesClient } from "../../../fakes/kubernetes-client";
import { freePort } from "../../../support/free-port";
import { onEnd } from "../../../support/on-end";
import { ctr } from "./containerd";
import { loadImage } from "./images";
import { freeNetwork } from "./network";
import { nodeEnvironment, nodeTool } from "./requirements";

export { missingKubeNode } from "./requirements";

const startLimitMs = 120_000;
const endLimitSeconds = 90;
const namespaces = join(__dirname, "in-namespaces.sh");

/** Ports that kube-node counts from that of its API server. */
const apiPorts = 28;

interface PodOnNode {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly uid: string };
}

/** A real Kubernetes with one node, whose pods can be reached from this machine by their addresses. */
export class KubeNode {
  private static started = 0;
  readonly kubeconfig: string;
  private readonly loaded = new Set<string>();
  private loading: Promise<void> = Promise.resolve();
  private process?: ChildProcess;
  private forget = (): void => {};

  private constructor(
    private readonly folder: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {
    this.kubeconfig = join(folder, "kubeconfig");
  }

  /** Everything of it is its own, so that several can run at a time. */
  static async start(): Promise<KubeNode> {
    const folder = mkdtempSync(join(tmpdir(), "kube-node-"));
    KubeNode.started += 1;
    const node = new KubeNode(folder, {
      ...nodeEnvironment(),
      KUBE_NODE_RUN: folder,
      NODE_API_PORT: String(await freePort(apiPorts)),
      NODE_ETCD_PORT: String(await freePort(2)),
      // At most 15 characters.
      NODE_BRIDGE: `kn${process.pid}n${KubeNode.started}`,
      NODE_POD_NET: await freeNetwork(),
    });
    node.forget = onEnd(node.end);
    try {
      await node.run();
    } catch (error) {
      await node.stop();
      throw error;
    }
    return node;
  }

  get client(): KubernetesClient {
    return KubernetesClient.fromFile(this.kubeconfig);
  }

  /**
   * Makes a local image known to the node under a reference whose digest is the image's id in Docker. A reference that was not
   * loaded gives ErrImagePull.
   */
  async load(docker: Docker, reference: string): Promise<void> {
    // One at a time: two references may name one image.
    const loading = this.loading.then(async () => {
      if (this.loaded.has(reference)) return;
      await loadImage({ docker, reference, folder: this.folder, env: this.env });
      this.loaded.add(reference);
    });
    this.loading = loading.catch(() => {});
    return loading;
  }

  /**
   * Evicts every pod that runs now, as a drain does, and waits until they are gone. The node stays schedulable: it also stands for
   * the machine that Auto Mode starts in its place.
   */
  async drain(limitMs = 300_000): Promise<void> {
    const kube = this.client;
    const { body } = await kube.send("GET", "/api/v1/pods?fieldSelector=status.phase%3DRunning");
    const untilMs = Date.now() + limitMs;
    await Promise.all((body.items as readonly PodOnNode[]).map((pod) => evict(kube, pod, untilMs)));
  }

  /** SIGKILL to a container of a pod, as a crash. `id` is that of the pod's status. */
  async killContainer(id: string): Promise<void> {
    const { folder, env } = this;
    await ctr({ folder, env }, ["tasks", "kill", "--signal", "SIGKILL", id.replace("containerd://", "")]);
  }

  async stop(): Promise<void> {
    this.kill();
    await runCommand(namespaces, ["end"], { limitSeconds: endLimitSeconds, env: this.env });
    this.forget();
  }

  /** As stop, when this process ends. */
  private readonly end = (): void => {
    this.kill();
    execFileSync(namespaces, ["end"], { timeout: endLimitSeconds * 1000, env: this.env });
  };

  private kill(): void {
    this.process?.kill("SIGKILL");
  }

  private run(): Promise<void> {
    // The kernel kills it when this process is killed, and with it the first process of the namespace.
    const unshare = [
      "unshare",
      "--mount",
      "--pid",
      "--fork",
      "--kill-child",
      "--mount-proc",
      "--propagation",
      "private",
    ];
    const child = spawn("setpriv", ["--pdeathsig", "KILL", ...unshare, namespaces, "start", nodeTool], {
      env: this.env,
      // Ctrl-C reaches this process, which ends the node when the tests are done with it.
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.process = child;
    child.unref();
    return new Promise((resolve, reject) => {
      let said = "";
      const fail = (why: string) => reject(new Error(`kube-node did not start: ${why}. ${said.trim()}`.trim()));
      const limit = setTimeout(() => fail(`no node was ready within ${startLimitMs / 1000} s`), startLimitMs);
      child.stderr.on("data", (text: Buffer) => {
        said += text;
      });
      // It names the kubeconfig when the node is ready.
      child.stdout.once("data", () => {
        clearTimeout(limit);
        resolve();
      });
      child.once("error", (error) => fail(error.message));
      child.once("exit", (code) => {
        clearTimeout(limit);
        fail(`exit code ${code}`);
      });
    });
  }
}

/** A disruption budget answers 429 as long as it allows no eviction. */
async function evict(kube: KubernetesClient, { metadata }: PodOnNode, untilMs: number): Promise<void> {
  const { name, namespace, uid } = metadata;
  const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
  const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace } };
  const late = () => {
    if (Date.now() > untilMs) throw new Error(`pod ${namespace}/${name} could not be evicted in time`);
  };
  for (;;) {
    const { status, body } = await kube.send("POST", `${path}/eviction`, eviction);
    if (status < 300 || status === 404) break;
    if (status !== 429) throw new Error(`evicting pod ${namespace}/${name}: ${body.message}`);
    late();
  }
  for (;;) {
    const { status, body } = await kube.send("GET", path);
    if (status === 404 || (body as unknown as PodOnNode).metadata.uid !== uid) return;
    late();
    await sleep(200);
  }
}
