import type { TargetHealthDescription } from "@aws-sdk/client-elastic-load-balancing-v2";
import { type Binding, type Pod, settled } from "../../../emulator/support/kubernetes-objects";
import type { KubernetesClient } from "../../../fakes/kubernetes-client";

/** A pod as the API server has it, with what a gate needs. */
interface GatedPod extends Pod {
  readonly spec: Pod["spec"] & { readonly readinessGates?: readonly { readonly conditionType: string }[] };
}

export const gateOf = ({ metadata }: Pick<Binding, "metadata">) => `target-health.eks.amazonaws.com/${metadata.name}`;

const hasGate = ({ spec }: GatedPod, gate: string) =>
  spec.readinessGates?.some(({ conditionType }) => conditionType === gate) ?? false;

/** Writes into each pod with the binding's gate whether its target is healthy. Returns how many of them are not. */
export async function reportHealth(
  kube: KubernetesClient,
  binding: Binding,
  pods: readonly Pod[],
  targets: readonly TargetHealthDescription[],
): Promise<number> {
  const gate = gateOf(binding);
  let waiting = 0;
  for (const pod of pods.filter((one) => hasGate(one, gate))) {
    const health = targets.find(({ Target }) => Target?.Id === pod.status.podIP)?.TargetHealth;
    const status = health?.State === "healthy" ? "True" : "False";
    if (status === "False") waiting += 1;
    if (pod.status.conditions?.some((one) => one.type === gate && one.status === status)) continue;
    await setGate(kube, pod, gate, {
      status,
      reason: health?.Reason ?? "",
      message: health?.Description ?? "",
      lastTransitionTime: new Date().toISOString(),
    });
  }
  return waiting;
}

/**
 * Server-side apply, so that other conditions stay: what a manager no longer names is removed, so each gate is a manager
 * (https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management).
 */
async function setGate(kube: KubernetesClient, pod: Pod, gate: string, condition: object) {
  const { name, namespace } = pod.metadata;
  const manager = encodeURIComponent(gate);
  const path = `/api/v1/namespaces/${namespace}/pods/${name}/status?fieldManager=${manager}&force=true`;
  const patch = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace },
    status: { conditions: [{ type: gate, ...condition }] },
  };
  await settled(kube.send("PATCH", path, patch, "apply-patch+yaml"));
}
