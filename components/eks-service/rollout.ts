import type { AlarmReader } from "../aws/cloudwatch";
import { deploymentError } from "../core/problems";
import type { Rollout } from "../core/rollout";
import { clockOf, type Polling, type PollResult, pollUntilDone } from "../core/wait-until";
import type { KubeApi } from "./kube-api";
import { liveBounds, type Scaled } from "./live-bounds";
import { currentSet, isProven, provenAnnotation, reasonOfRollback, setToReturnTo } from "./revisions";
import { rollBack } from "./rollback";
import { progressOf } from "./rollout-progress";
import { explain, FailedVersion } from "./rollout-reasons";

export interface DeclaredDeployment extends Scaled {
  /** Identifies the declared pod template. */
  readonly version: string;
  /** Whether a failed rollout returns to the version before. */
  readonly rollback: boolean;
  /** Alarms that roll back. */
  readonly alarmNames: readonly string[];
  readonly scalesByRequests: boolean;
}

/** The APIs that a rollout is read from and rolled back with. */
export interface RolloutApi {
  readonly kube: KubeApi;
  readonly alarms: AlarmReader;
}

/**
 * metrics-server reads the use of pods every 15 s, as a mean over that time, and the autoscaler reads them every 15 s
 * (https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/). Released earlier, it would remove pods because of the
 * time before they had load.
 */
const holdSeconds = 120;

/**
 * The request scaler raises the minimum when three whole minutes had these requests. CloudWatch has them a minute later, and the scaler reads
 * once a minute. Released earlier, the pods that the first requests need would be removed and start again.
 */
const holdForRequestsSeconds = 360;

/** As long as on ECS. A rollout without progress ends sooner, by the Deployment's own deadline. */
const rolloutSeconds = 1200;

/**
 * How long the alarms are watched once all pods are new. ECS derives its own time from the same alarms
 * (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html). They need three bad minutes, and CloudWatch
 * has the metrics of a minute during the next.
 */
const watchSeconds = 240;

const watchPollSeconds = 15;

export function eksRollout(declared: DeclaredDeployment, api: RolloutApi, polling: Polling): Rollout {
  const live = liveBounds(declared, api.kube, polling.report);
  return {
    complete: async () => {
      await live.prove();
      await complete(declared, api, polling);
    },
    raise: live.raise,
    holdSeconds: declared.scalesByRequests ? holdForRequestsSeconds : holdSeconds,
    release: live.release,
    explain: (summary) => explain(summary, declared, api.kube),
  };
}

/** Every update asks, also one that changes nothing: Pulumi's state does not show that a version was rolled back. */
async function complete(declared: DeclaredDeployment, api: RolloutApi, polling: Polling): Promise<void> {
  const { kube } = api;
  const { namespace, deployment, version } = declared;
  const before = reasonOfRollback(await kube.deployment(namespace, deployment), version);
  if (before !== undefined) throw deploymentError(before);
  try {
    await untilProven(declared, api, polling);
  } catch (error) {
    if (!(declared.rollback && error instanceof FailedVersion)) throw error;
    throw await rollBack(error, declared, kube, polling);
  }
}

async function untilProven(declared: DeclaredDeployment, api: RolloutApi, polling: Polling): Promise<void> {
  const { kube, alarms } = api;
  const { namespace, deployment, rollback } = declared;
  if (!rollback) return untilComplete(declared, kube, polling);
  // As on ECS, alarms that fire already do not count.
  const before = await alarms.firing(declared.alarmNames);
  const newlyFiring = () => alarms.firing(declared.alarmNames.filter((name) => !before.includes(name)));
  await untilComplete(declared, kube, polling, newlyFiring);
  const live = await kube.deployment(namespace, deployment);
  const sets = await kube.replicaSets(namespace, live.spec.selector.matchLabels);
  const current = currentSet(live, sets);
  if (current === undefined || isProven(current)) return;
  // A first version has no traffic yet, so its alarms have nothing to measure.
  if (setToReturnTo(live, sets) !== undefined) await watchAlarms(declared, newlyFiring, polling);
  await kube.annotateReplicaSet(namespace, current.metadata.name, { [provenAnnotation]: "true" });
}

type FiringAlarms = () => Promise<readonly string[]>;

async function watchAlarms({ deployment }: DeclaredDeployment, newlyFiring: FiringAlarms, polling: Polling) {
  const { wait, now } = clockOf(polling);
  await polling.report(`${deployment}: its pods are new; watching its alarms for ${watchSeconds} s`);
  for (const end = now() + watchSeconds; now() < end; await wait(Math.min(watchPollSeconds, end - now()))) {
    throwIfFiring(deployment, await newlyFiring());
  }
}

function throwIfFiring(deployment: string, alarms: readonly string[]): void {
  if (alarms.length === 0) return;
  throw new FailedVersion([`${deployment} has an alarm`, ...alarms.map((alarm) => `  alarm: ${alarm}`)]);
}

/** Resolves once all pods are new; rejects with the reason of the cluster. */
export async function untilComplete(
  declared: Pick<DeclaredDeployment, "namespace" | "deployment">,
  kube: KubeApi,
  polling: Polling,
  newlyFiring: FiringAlarms = async () => [],
): Promise<void> {
  const { namespace, deployment } = declared;
  let looksFailed = false;
  const poll = async (): Promise<PollResult> => {
    const state = await kube.deployment(namespace, deployment);
    const found = progressOf(state);
    if (found.done) return found;
    throwIfFiring(deployment, await newlyFiring());
    // On a return to earlier pods the condition of the failed rollout remains for a moment (deployment controller, DeploymentTimedOut).
    if (found.isStuck && looksFailed)
      throw await explain(`${deployment} failed to roll out: ${found.progress}`, declared, kube);
    looksFailed = found.isStuck;
    return found;
  };
  const limited = { limitSeconds: rolloutSeconds, ...polling };
  await pollUntilDone(deployment, poll, limited, (summary) => explain(summary, declared, kube));
}
