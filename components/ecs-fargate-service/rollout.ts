import type { RunError } from "@pulumi/pulumi";
import type { EcsApi, EcsReader, EcsServiceState } from "../aws/ecs";
import { deploymentError } from "../core/problems";
import type { Rollout } from "../core/rollout";
import { type Polling, type PollResult, pollUntilDone } from "../core/wait-until";
import type { Enforce } from "./scaling";

export interface DeclaredService {
  readonly clusterName: string;
  readonly serviceName: string;
  readonly taskDefinitionArn: string;
  readonly targetGroupArn: string;
  /** Of a restart: a deployment of the same task definition. ECS would roll back to that one too. */
  readonly deploymentId?: string;
}

const isDeclared = ({ taskDefinitionArn, deploymentId }: DeclaredService, state: EcsServiceState) =>
  state.taskDefinitionArn === taskDefinitionArn && (deploymentId ?? state.deploymentId) === state.deploymentId;

const shortArn = (arn: string) => arn.split("/").pop() ?? arn;

export function ecsRollout(declared: DeclaredService, enforceBounds: Enforce, ecs: EcsApi, polling: Polling): Rollout {
  const { clusterName, serviceName } = declared;
  return {
    complete: async () => {
      await enforceBounds("proving");
      await untilComplete(declared, ecs, polling);
    },
    raise: async (replicas) => {
      const { desiredCount } = await ecs.service(clusterName, serviceName);
      if (desiredCount >= replicas) return false;
      await ecs.raise(clusterName, serviceName, replicas);
      return true;
    },
    // Target tracking removes tasks only after 15 minutes of little use: its low alarm takes 15 datapoints of a minute.
    holdSeconds: 0,
    release: () => enforceBounds("proven"),
    explain: async (summary) => explain(summary, declared, await ecs.service(clusterName, serviceName), ecs),
  };
}

/** ECS completes a deployment once all its tasks are healthy behind the load balancer and no alarm has fired. */
async function untilComplete(declared: DeclaredService, ecs: EcsApi, polling: Polling): Promise<void> {
  const { clusterName, serviceName } = declared;
  let state: EcsServiceState | undefined;
  let looksOld = false;
  const poll = async (): Promise<PollResult> => {
    state = await ecs.service(clusterName, serviceName);
    if (!isDeclared(declared, state)) {
      // The first response may be older than the update; the second is not.
      if (looksOld) throw await rolledBack(declared, state, ecs);
      looksOld = true;
      return { done: false, progress: "ECS does not show the declared version yet" };
    }
    looksOld = false;
    if (state.rolloutState === "FAILED") throw await failed(declared, state, ecs);
    if (state.rolloutState === "COMPLETED") return { done: true };
    const healthy = await ecs.healthyTargets(declared.targetGroupArn);
    const { runningCount, desiredCount } = state;
    return { done: false, progress: `${runningCount} of ${desiredCount} tasks run, ${healthy} are healthy` };
  };
  await pollUntilDone(serviceName, poll, polling, (summary) => explain(summary, declared, state, ecs));
}

/** After a roll-back the newest events are about the old version, so events of the failure come first. */
function telling(events: readonly string[]): string[] {
  const isFailure = (event: string) => /fail|unable|unhealthy|stopped|error/i.test(event);
  return [...events.filter(isFailure), ...events.filter((event) => !isFailure(event))].slice(0, 5);
}

const retryHint = "Fix the cause and run `pulumi up`. To retry the same version, run `pulumi up --refresh`.";

const restartHint = "Fix the cause and restart again.";

async function rolledBack(declared: DeclaredService, state: EcsServiceState, reader: EcsReader): Promise<RunError> {
  const wanted = shortArn(declared.taskDefinitionArn);
  const runs = shortArn(state.taskDefinitionArn);
  return explain(
    runs === wanted
      ? `${declared.serviceName} was rolled back: its new tasks failed, and the old ones stay`
      : `${declared.serviceName} was rolled back: it runs ${runs}, not the declared ${wanted}`,
    declared,
    state,
    reader,
  );
}

async function failed(declared: DeclaredService, state: EcsServiceState, reader: EcsReader): Promise<RunError> {
  const { clusterName, serviceName, taskDefinitionArn } = declared;
  const again = `aws ecs update-service --cluster ${clusterName} --service ${serviceName} --force-new-deployment`;
  const hint = `Fix the cause and run \`pulumi up\`. If the fix changes nothing in the stack, first run \`${again}\`.`;
  return explain(`${serviceName} failed to deploy ${shortArn(taskDefinitionArn)}`, declared, state, reader, hint);
}

async function explain(
  summary: string,
  declared: DeclaredService,
  state: EcsServiceState | undefined,
  reader: EcsReader,
  hint = declared.deploymentId === undefined ? retryHint : restartHint,
): Promise<RunError> {
  const { clusterName, serviceName, taskDefinitionArn } = declared;
  const stops = await reader.stopReasons(clusterName, serviceName, taskDefinitionArn);
  const alarms = await reader.firedAlarms(clusterName, serviceName);
  const lines = [
    // After a completed rollback the reason is only "completed".
    ...(state?.rolloutReason && !/completed\.?$/.test(state.rolloutReason)
      ? [`deployment: ${state.rolloutReason}`]
      : []),
    ...alarms.map((alarm) => `alarm: ${alarm}`),
    ...[...new Set(stops)].slice(0, 3).map((reason) => `stopped task: ${reason}`),
    ...telling(state?.events ?? []).map((event) => `event: ${event}`),
  ];
  return deploymentError([summary, ...lines.map((line) => `  ${line}`), hint].join("\n"));
}
