import type { Polling } from "../../components/core/wait-until";
import type { KubeApi } from "../../components/eks-service/kube-api";
import { markProven } from "../../components/eks-service/revisions";
import { untilComplete } from "../../components/eks-service/rollout";
import { FailedVersion } from "../../components/eks-service/rollout-reasons";
import { UserError } from "../cli/user-error";

interface Place {
  readonly namespace: string;
  readonly deployment: string;
  /** Names of the secrets that the driver copies. */
  readonly secrets: readonly string[];
}

const annotation = "inference/restarted-at";

/**
 * Changes an annotation of the pod template, as `kubectl rollout restart` does, but in a name of its own: Pulumi's provider takes over
 * the fields of every manager called kubectl (await.go, fixCSAFieldManagers), and its next update would restart the pods again.
 */
export async function restartOnEks(
  { namespace, deployment, secrets }: Place,
  kube: KubeApi,
  polling: Polling,
  now = () => new Date(),
): Promise<void> {
  const place = { namespace, deployment };
  const { spec } = await kube.deployment(namespace, deployment);
  const before = spec.template.metadata?.annotations?.[annotation];
  // The driver does not change a secret that exists (https://secrets-store-csi-driver.sigs.k8s.io/known-limitations). It makes it again for
  // the first new pod; running containers keep their variables.
  for (const secret of secrets) await kube.deleteSecret(namespace, secret);
  await kube.annotatePods(namespace, deployment, { [annotation]: now().toISOString() });
  try {
    await untilComplete(place, kube, polling);
  } catch (error) {
    // The old pods have this value, so the new ones go and no old one does.
    await kube.annotatePods(namespace, deployment, { [annotation]: before ?? null });
    if (!(error instanceof FailedVersion)) throw error;
    throw new UserError([...error.lines, "The old pods stay. Fix the cause and restart again."].join("\n"));
  }
  await markProven(place, kube);
}
