import { setTimeout as sleep } from "node:timers/promises";
import { RunError } from "@pulumi/pulumi";

/** What ECS and the load balancer say at this moment. */
export interface EcsReader {
  service(clusterName: string, serviceName: string): Promise<EcsServiceState>;
  /** Why tasks of this definition stopped, newest first; empty when ECS no longer knows. */
  stopReasons(clusterName: string, serviceName: string, taskDefinitionArn: string): Promise<readonly string[]>;
  healthyTargets(targetGroupArn: string): Promise<number>;
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
  /** Replicas that have to be healthy, unless a scheduled window asks for fewer right now. */
  readonly minimum: number;
}

export interface Patience {
  readonly tell: (text: string) => unknown;
  readonly limitSeconds?: number;
  readonly pollSeconds?: number;
  readonly wait?: (seconds: number) => Promise<unknown>;
  readonly now?: () => number;
}

const shortArn = (arn: string) => arn.split("/").pop() ?? arn;

/** Resolves once the declared version runs and is healthy; rejects with the reason when it was rolled back or takes too long. */
export async function untilReady(declared: Declared, reader: EcsReader, patience: Patience): Promise<void> {
  const { tell, limitSeconds = 600, pollSeconds = 5 } = patience;
  const { wait = (seconds) => sleep(seconds * 1000), now = () => Date.now() / 1000 } = patience;
  const start = now();
  let told = "";
  for (;;) {
    const state = await reader.service(declared.clusterName, declared.serviceName);
    if (state.taskDefinitionArn !== declared.taskDefinitionArn) throw await rolledBack(declared, state, reader);
    if (state.rolloutState === "FAILED") throw await failed(declared, state, reader);
    const healthy = await reader.healthyTargets(declared.targetGroupArn);
    const needed = Math.min(declared.minimum, state.desiredCount);
    if (state.rolloutState === "COMPLETED" && healthy >= needed) return;
    const elapsed = Math.round(now() - start);
    if (elapsed >= limitSeconds) throw await tooSlow(declared, state, reader, { elapsed, healthy, needed });
    const progress = `${state.runningCount} of ${state.desiredCount} tasks run, ${healthy} of ${needed} are healthy`;
    if (progress !== told) await tell(`${declared.serviceName}: ${progress}`);
    told = progress;
    await wait(pollSeconds);
  }
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
  return explain(
    `${declared.serviceName} failed to deploy ${shortArn(declared.taskDefinitionArn)}`,
    declared,
    state,
    reader,
  );
}

async function tooSlow(
  declared: Declared,
  state: EcsServiceState,
  reader: EcsReader,
  { elapsed, healthy, needed }: { elapsed: number; healthy: number; needed: number },
): Promise<RunError> {
  const summary = `${declared.serviceName} is not ready after ${elapsed} s: ${state.runningCount} of ${state.desiredCount} tasks run, ${healthy} of ${needed} are healthy`;
  return explain(summary, declared, state, reader);
}

async function explain(
  summary: string,
  declared: Declared,
  state: EcsServiceState,
  reader: EcsReader,
): Promise<RunError> {
  const stops = await reader.stopReasons(declared.clusterName, declared.serviceName, declared.taskDefinitionArn);
  const lines = [
    ...(state.rolloutReason ? [`deployment: ${state.rolloutReason}`] : []),
    ...[...new Set(stops)].slice(0, 3).map((reason) => `stopped task: ${reason}`),
    ...state.events.slice(0, 5).map((event) => `event: ${event}`),
  ];
  return deploymentError([summary, ...lines.map((line) => `  ${line}`), retryHint].join("\n"));
}

/** Without its stack, which Pulumi does not show but renders with all the promises around it: most of a minute of nothing. */
export function deploymentError(message: string): RunError {
  const error = new RunError(message);
  error.stack = undefined;
  return error;
}
