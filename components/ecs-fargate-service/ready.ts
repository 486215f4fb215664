import type { RunError } from "@pulumi/pulumi";
import { type Look, lookUntilDone, type Patience, type TargetReader } from "../healthy";
import { deploymentError } from "../problems";

/** What ECS and the load balancer say at this moment. */
export interface EcsReader extends TargetReader {
  service(clusterName: string, serviceName: string): Promise<EcsServiceState>;
  /** Why tasks of this definition stopped, newest first; empty when ECS no longer knows. */
  stopReasons(clusterName: string, serviceName: string, taskDefinitionArn: string): Promise<readonly string[]>;
  /** The alarms that ended the newest deployment. Events say that there was one, and never which. */
  firedAlarms(clusterName: string, serviceName: string): Promise<readonly string[]>;
}

/** The one thing that ECS is told besides. */
export interface EcsApi extends EcsReader {
  /** Scaling goes on from that count. */
  raise(clusterName: string, serviceName: string, desiredCount: number): Promise<void>;
}

export interface EcsServiceState {
  readonly taskDefinitionArn: string;
  readonly desiredCount: number;
  readonly runningCount: number;
  /** IN_PROGRESS, COMPLETED or FAILED, of the deployment that ECS works on. */
  readonly rolloutState?: string;
  readonly rolloutReason?: string;
  /** Newest first. */
  readonly events: readonly string[];
}

export interface Declared {
  readonly clusterName: string;
  readonly serviceName: string;
  readonly taskDefinitionArn: string;
  readonly targetGroupArn: string;
  /** Replicas that have to be healthy before traffic comes. */
  readonly needed: number;
  /** A window may ask for fewer right now; without one, fewer are too few. */
  readonly isScheduled: boolean;
}

const shortArn = (arn: string) => arn.split("/").pop() ?? arn;

/**
 * Resolves once the declared version runs and is healthy; rejects with the reason when it was rolled back or takes too long. A service
 * that is to take over more than it runs has no load yet that would make scaling start it.
 */
export async function untilReady(declared: Declared, ecs: EcsApi, patience: Patience): Promise<void> {
  const { clusterName, serviceName, isScheduled } = declared;
  let state: EcsServiceState | undefined;
  let looksOld = false;
  const look = async (): Promise<Look> => {
    state = await ecs.service(clusterName, serviceName);
    if (state.taskDefinitionArn !== declared.taskDefinitionArn) {
      // One answer may be older than the update; two are not.
      if (looksOld) throw await rolledBack(declared, state, ecs);
      looksOld = true;
      return { done: false, progress: "ECS does not show the declared version yet" };
    }
    looksOld = false;
    if (state.rolloutState === "FAILED") throw await failed(declared, state, ecs);
    if (state.desiredCount < declared.needed && !isScheduled)
      await ecs.raise(clusterName, serviceName, declared.needed);
    const healthy = await ecs.healthyTargets(declared.targetGroupArn);
    const needed = isScheduled ? Math.min(declared.needed, state.desiredCount) : declared.needed;
    if (state.rolloutState === "COMPLETED" && healthy >= needed) return { done: true };
    const { runningCount, desiredCount } = state;
    const progress = `${runningCount} of ${desiredCount} tasks run, ${healthy} of ${needed} are healthy`;
    return { done: false, progress };
  };
  await lookUntilDone(serviceName, look, patience, (summary) => explain(summary, declared, state, ecs));
}

/** After a roll-back the newest events tell of the old version's return: those of the failure come first. */
function telling(events: readonly string[]): string[] {
  const isFailure = (event: string) => /fail|unable|unhealthy|stopped|error/i.test(event);
  return [...events.filter(isFailure), ...events.filter((event) => !isFailure(event))].slice(0, 5);
}

const retryHint = "Mend the cause and run pulumi up again; to try this very version again, pulumi up --refresh";

async function rolledBack(declared: Declared, state: EcsServiceState, reader: EcsReader): Promise<RunError> {
  const wanted = shortArn(declared.taskDefinitionArn);
  const runs = shortArn(state.taskDefinitionArn);
  return explain(
    `${declared.serviceName} was rolled back: it runs ${runs}, not the declared ${wanted}`,
    declared,
    state,
    reader,
  );
}

async function failed(declared: Declared, state: EcsServiceState, reader: EcsReader): Promise<RunError> {
  const { clusterName, serviceName, taskDefinitionArn } = declared;
  const again = `aws ecs update-service --cluster ${clusterName} --service ${serviceName} --force-new-deployment`;
  const hint = `Mend the cause and run pulumi up again; if nothing in the stack changes by that, first ${again}`;
  return explain(`${serviceName} failed to deploy ${shortArn(taskDefinitionArn)}`, declared, state, reader, hint);
}

async function explain(
  summary: string,
  declared: Declared,
  state: EcsServiceState | undefined,
  reader: EcsReader,
  hint = retryHint,
): Promise<RunError> {
  const { clusterName, serviceName, taskDefinitionArn } = declared;
  const stops = await reader.stopReasons(clusterName, serviceName, taskDefinitionArn);
  const alarms = await reader.firedAlarms(clusterName, serviceName);
  const lines = [
    // Once the roll-back is through, its own deployment has "completed": that explains nothing.
    ...(state?.rolloutReason && !/completed\.?$/.test(state.rolloutReason)
      ? [`deployment: ${state.rolloutReason}`]
      : []),
    ...alarms.map((alarm) => `alarm: ${alarm}`),
    ...[...new Set(stops)].slice(0, 3).map((reason) => `stopped task: ${reason}`),
    ...telling(state?.events ?? []).map((event) => `event: ${event}`),
  ];
  return deploymentError([summary, ...lines.map((line) => `  ${line}`), hint].join("\n"));
}
