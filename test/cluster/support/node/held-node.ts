import { setTimeout as sleep } from "node:timers/promises";
import { KubeNode } from ".";

const path = "/api/v1/namespaces/default/pods";
const pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "held" },
  spec: {
    automountServiceAccountToken: false,
    // The node has it without loading.
    containers: [{ name: "pause", image: "node.local/pause:1", imagePullPolicy: "Never" }],
  },
};

/** A process of its own for tests of interruption: it starts a node with a running pod, prints its kubeconfig and waits. SIGUSR2 stops the node. */
async function main(): Promise<void> {
  const node = await KubeNode.start();
  process.once("SIGUSR2", () => node.stop().then(() => process.exit(0)));
  // Refused until the namespace has its service account.
  while ((await node.client.send("POST", path, pod)).status !== 201) await sleep(200);
  const phase = async () => (await node.client.send("GET", `${path}/held`)).body.status as { phase?: string };
  while ((await phase()).phase !== "Running") await sleep(200);
  console.log(node.kubeconfig);
  setInterval(() => {}, 1000);
}

void main();
