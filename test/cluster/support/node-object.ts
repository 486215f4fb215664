import assert from "node:assert/strict";
import { partLabel, spotTaint } from "../../../components/eks-service/capacity";
import type { KubernetesClient } from "../../fakes/kubernetes-client";

const capacity = { cpu: "64", memory: "256Gi", pods: "110", "ephemeral-storage": "80Gi" };

/** A node without a machine, as Karpenter starts one for a part of a mix: the scheduler places pods on it, and nothing runs them. */
export async function nodeObject(client: KubernetesClient, name: string, part?: string): Promise<void> {
  const labels = {
    "kubernetes.io/arch": "amd64",
    "kubernetes.io/hostname": name,
    "topology.kubernetes.io/zone": "zone-a",
    ...(part && { [partLabel]: part }),
  };
  const node = {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels },
    spec: { taints: part?.startsWith("spot") ? [spotTaint] : [] },
  };
  const path = "/api/v1/nodes";
  const made = await client.send("POST", path, node);
  assert.ok(made.status < 300, made.body.message);
  const now = new Date().toISOString();
  const conditions = [
    { type: "Ready", status: "True", reason: "Test", message: "", lastHeartbeatTime: now, lastTransitionTime: now },
  ];
  const status = { capacity, allocatable: capacity, conditions };
  const ready = await client.send("PATCH", `${path}/${name}/status`, { status }, "merge-patch+json");
  assert.ok(ready.status < 300, ready.body.message);
}
