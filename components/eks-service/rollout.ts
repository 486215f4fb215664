import { deploymentError } from "../core/problems";
import { reasonOf } from "../core/reason";
import type { Rollout } from "../core/rollout";
import { type Polling, type PollResult, pollUntilDone } from "../core/wait-until";
import type { Condition, DeploymentState, KubeApi, PodState } from "./kube-api";

export interface DeclaredDeployment {
  readonly namespace: string;
  readonly deployment: string;
  readonly autoscaler: string;
  readonly minReplicas: number;
}

/**
 * metrics-server reads the use of pods every 15 s, as a mean over that time, and the autoscaler reads them every 15 s
 * (https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/). Released earlier, it would remove pods because of the
 * time before they had load.
 */
const holdSeconds = 120;

/** As long as on ECS. A rollout without progress ends sooner, by the Deployment's own deadline. */
const rolloutSeconds = 1200;

export function eksRollout(declared: DeclaredDeployment, kube: KubeApi, polling: Polling): Rollout {
  const { namespace, autoscaler, minReplicas } = declared;
  return {
    complete: () => untilComplete(declared, kube, { limitSeconds: rolloutSeconds, ...polling }),
    // The autoscaler starts pods up to its minimum at its next sync, whatever the load.
    raise: async (replicas) => {
      const current = await kube.minReplicas(namespace, autoscaler);
      // A minimum that a killed update raised must be kept as well.
      if (current >= replicas) return current > minReplicas;
      await kube.setMinReplicas(namespace, autoscaler, replicas);
      return true;
    },
    holdSeconds,
    release: async () => {
      if ((await kube.minReplicas(namespace, autoscaler)) === minReplicas) return;
      await kube.setMinReplicas(namespace, autoscaler, minReplicas);
      await polling.report(`${autoscaler}: its minimum is ${minReplicas} again`);
    },
    explain: (summary) => explain(summary, declared, kube),
  };
}

async function untilComplete(declared: DeclaredDeployment, kube: KubeApi, polling: Polling): Promise<void> {
  const { namespace, deployment } = declared;
  let looksFailed = false;
  const poll = async (): Promise<PollResult> => {
    const state = await kube.deployment(namespace, deployment);
    const { replicas = 0, updatedReplicas = 0, availableReplicas = 0, observedGeneration = 0 } = state.status ?? {};
    if (observedGeneration < state.metadata.generation)
      return { done: false, progress: "the cluster has not seen the change yet" };
    const progressing = conditionOf(state, "Progressing");
    if (progressing?.reason === "ProgressDeadlineExceeded") {
      // On a return to earlier pods the condition of the failed rollout remains for a moment (deployment controller, DeploymentTimedOut).
      if (looksFailed)
        throw await explain(`${deployment} failed to roll out: ${progressing.message ?? ""}`, declared, kube);
      looksFailed = true;
      return { done: false, progress: progressing.message ?? "its last rollout failed" };
    }
    looksFailed = false;
    // This reason remains when pods fail after the rollout; readiness and alarms cover that.
    const isThrough = progressing?.reason === "NewReplicaSetAvailable";
    if (isThrough && updatedReplicas >= replicas) return { done: true };
    const progress = `${updatedReplicas} of ${state.spec.replicas} pods are new, ${availableReplicas} are available`;
    return { done: false, progress };
  };
  await pollUntilDone(deployment, poll, polling, (summary) => explain(summary, declared, kube));
}

const conditionOf = ({ status }: DeploymentState, type: string) =>
  status?.conditions?.find((condition) => condition.type === type);

const mostReasons = 5;

/** Used once a failure is certain. When the cluster does not return the cause, the failure is reported without it. */
async function explain(summary: string, declared: DeclaredDeployment, kube: KubeApi): Promise<Error> {
  const reasons = await reasonsOf(declared, kube).catch((error: unknown) => [`could not be read: ${reasonOf(error)}`]);
  const hint = "Fix the cause and run `pulumi up`.";
  const lines = [...new Set(reasons)].slice(0, mostReasons).map((reason) => `  ${reason}`);
  return deploymentError([summary, ...lines, hint].join("\n"));
}

async function reasonsOf({ namespace, deployment }: DeclaredDeployment, kube: KubeApi): Promise<string[]> {
  const state = await kube.deployment(namespace, deployment);
  const refused = conditionOf(state, "ReplicaFailure");
  const pods = await kube.pods(namespace, state.spec.selector.matchLabels);
  const ofPods = pods.flatMap(podReasons);
  const unready = pods.filter(({ status }) => !isTrue(status?.conditions, "Ready")).slice(0, mostReasons);
  const warnings = await Promise.all(unready.map(({ metadata }) => kube.warnings(namespace, metadata.name)));
  return [...(refused?.message ? [`[${refused.reason}] ${refused.message}`] : []), ...ofPods, ...warnings.flat()];
}

const isTrue = (conditions: readonly Condition[] | undefined, type: string) =>
  conditions?.some((condition) => condition.type === type && condition.status === "True") === true;

/** "[ErrImagePull] failed to pull ...", "[OOMKilled] exit code 137", "[Unschedulable] 0/3 nodes are available" */
function podReasons({ status }: PodState): string[] {
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const ended = containers.flatMap(({ lastState }) => lastState?.terminated ?? []);
  const waiting = containers.flatMap(({ state }) => state?.waiting ?? []);
  const unplaced = (status?.conditions ?? []).filter(
    ({ type, status: is }) => type === "PodScheduled" && is === "False",
  );
  return [
    ...ended.map(({ reason, exitCode }) => `[${reason ?? "Terminated"}] exit code ${exitCode}`),
    ...[...waiting, ...unplaced].flatMap(({ reason, message }) => (message ? [`[${reason}] ${message}`] : [])),
  ];
}
