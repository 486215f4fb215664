import type { PollResult } from "../core/wait-until";
import type { DeploymentState } from "./kube-api";

/** How far a rollout is. Kubernetes has given up on one that is stuck, and its progress is the reason. */
type Progress =
  | (PollResult & { readonly done: true })
  | (PollResult & { readonly done: false; readonly isStuck: boolean });

export function progressOf(state: DeploymentState): Progress {
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0, observedGeneration = 0 } = state.status ?? {};
  if (observedGeneration < state.metadata.generation)
    return { done: false, isStuck: false, progress: "the cluster has not seen the change yet" };
  const progressing = conditionOf(state, "Progressing");
  if (progressing?.reason === "ProgressDeadlineExceeded")
    return { done: false, isStuck: true, progress: progressing.message ?? "no progress within its deadline" };
  // This reason remains when pods fail after the rollout; readiness and alarms cover that.
  const isThrough = progressing?.reason === "NewReplicaSetAvailable";
  if (isThrough && updatedReplicas >= replicas) return { done: true };
  const progress = `${updatedReplicas} of ${state.spec.replicas} pods are new, ${availableReplicas} are available`;
  return { done: false, isStuck: false, progress };
}

export const conditionOf = ({ status }: DeploymentState, type: string) =>
  status?.conditions?.find((condition) => condition.type === type);
