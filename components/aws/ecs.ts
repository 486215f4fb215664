import type { DescribeServicesCommandOutput, ECSClient } from "@aws-sdk/client-ecs";
import { reasonOf } from "../core/reason";
import type { TargetReader } from "../core/wait-until";
import { type AwsConnection, asking, clientConfig, once } from "./connection";
import { loadBalancerApi } from "./elb";
import { type BoundsApi, boundsApi } from "./scaling-bounds";

/** Reads the state of ECS services and of their targets. */
export interface EcsReader extends TargetReader {
  service(clusterName: string, serviceName: string): Promise<EcsServiceState>;
  /** Why tasks of this definition stopped, newest first; empty when ECS no longer knows. */
  stopReasons(clusterName: string, serviceName: string, taskDefinitionArn: string): Promise<readonly string[]>;
  /** The alarms that ended the newest deployment. Service events do not name them. */
  firedAlarms(clusterName: string, serviceName: string): Promise<readonly string[]>;
}

/** Also makes the only change to a service outside of Pulumi. */
export interface EcsApi extends EcsReader {
  /** Sets the desired count. Autoscaling continues from there. */
  raise(clusterName: string, serviceName: string, desiredCount: number): Promise<void>;
}

export interface EcsServiceState {
  readonly taskDefinitionArn: string;
  readonly desiredCount: number;
  readonly runningCount: number;
  /** The deployment that ECS works on, or completed last. */
  readonly deploymentId?: string;
  /** IN_PROGRESS, COMPLETED or FAILED, of the deployment that ECS works on. */
  readonly rolloutState?: string;
  readonly rolloutReason?: string;
  /** Newest first. */
  readonly events: readonly string[];
}

/** Loads the SDK at the first call; a preview makes none. */
export function ecsApi(connection: AwsConnection): EcsApi & BoundsApi {
  const ecs = once(async () => {
    const { ECSClient } = await import("@aws-sdk/client-ecs");
    return new ECSClient(await clientConfig(connection, "ecs"));
  });
  return {
    service: (clusterName, serviceName) =>
      asking("ECS", async () => describeService(await ecs(), clusterName, serviceName)),
    stopReasons: (clusterName, serviceName, taskDefinitionArn) =>
      explaining(async () => stopReasons(await ecs(), clusterName, serviceName, taskDefinitionArn)),
    firedAlarms: (clusterName, serviceName) =>
      explaining(async () => firedAlarms(await ecs(), clusterName, serviceName)),
    healthyTargets: loadBalancerApi(connection).healthyTargets,
    raise: (clusterName, serviceName, desiredCount) =>
      asking("ECS", async () => raise(await ecs(), clusterName, serviceName, desiredCount)),
    ...boundsApi(connection),
  };
}

async function raise(ecs: ECSClient, cluster: string, service: string, desiredCount: number): Promise<void> {
  const { UpdateServiceCommand } = await import("@aws-sdk/client-ecs");
  await ecs.send(new UpdateServiceCommand({ cluster, service, desiredCount }));
}

async function describeService(ecs: ECSClient, cluster: string, serviceName: string): Promise<EcsServiceState> {
  const { DescribeServicesCommand } = await import("@aws-sdk/client-ecs");
  return serviceState(await ecs.send(new DescribeServicesCommand({ cluster, services: [serviceName] })), serviceName);
}

function serviceState({ services = [] }: DescribeServicesCommandOutput, serviceName: string): EcsServiceState {
  const [service] = services;
  if (!service) throw new Error(`ECS has no service ${serviceName}`);
  const current = service.deployments?.find(({ status }) => status === "PRIMARY");
  return {
    taskDefinitionArn: service.taskDefinition ?? "",
    desiredCount: service.desiredCount ?? 0,
    runningCount: service.runningCount ?? 0,
    deploymentId: current?.id,
    rolloutState: current?.rolloutState,
    rolloutReason: current?.rolloutStateReason,
    events: (service.events ?? []).map(({ message = "" }) => message),
  };
}

/** Used once a failure is certain. When ECS does not return the cause, the failure is reported without it. */
async function explaining(question: () => Promise<string[]>): Promise<string[]> {
  try {
    return await question();
  } catch (error) {
    return [`could not be read: ${reasonOf(error)}`];
  }
}

async function stopReasons(client: ECSClient, cluster: string, serviceName: string, taskDefinitionArn: string) {
  const { DescribeTasksCommand, ListTasksCommand } = await import("@aws-sdk/client-ecs");
  const listed = await client.send(new ListTasksCommand({ cluster, serviceName, desiredStatus: "STOPPED" }));
  if (!listed.taskArns?.length) return [];
  const { tasks = [] } = await client.send(new DescribeTasksCommand({ cluster, tasks: listed.taskArns }));
  return tasks
    .filter((task) => task.taskDefinitionArn === taskDefinitionArn)
    .sort((a, b) => Number(b.stoppedAt ?? 0) - Number(a.stoppedAt ?? 0))
    .map(describeStop);
}

async function firedAlarms(client: ECSClient, cluster: string, service: string) {
  const { DescribeServiceDeploymentsCommand, ListServiceDeploymentsCommand } = await import("@aws-sdk/client-ecs");
  const listed = await client.send(new ListServiceDeploymentsCommand({ cluster, service }));
  const [newest] = [...(listed.serviceDeployments ?? [])].sort((a, b) => Number(b.createdAt) - Number(a.createdAt));
  if (!newest?.serviceDeploymentArn) return [];
  const serviceDeploymentArns = [newest.serviceDeploymentArn];
  const described = await client.send(new DescribeServiceDeploymentsCommand({ serviceDeploymentArns }));
  return described.serviceDeployments?.[0]?.alarms?.triggeredAlarmNames ?? [];
}

interface StoppedTask {
  readonly stoppedReason?: string;
  readonly containers?: readonly { readonly reason?: string; readonly exitCode?: number }[];
}

/** "Essential container in task exited (exit code 137: OutOfMemoryError: ...)" */
export function describeStop({ stoppedReason = "no reason given", containers = [] }: StoppedTask): string {
  const hasFailed = ({ reason, exitCode = 0 }: (typeof containers)[number]) => reason !== undefined || exitCode !== 0;
  // Beside the one that failed there are containers that ended as they should, such as one that prepares volumes.
  const failed = containers.filter(hasFailed);
  const details = (failed.length > 0 ? failed : containers).flatMap(({ reason, exitCode }) => [
    ...(exitCode === undefined ? [] : [`exit code ${exitCode}`]),
    ...(reason ? [reason] : []),
  ]);
  return details.length > 0 ? `${stoppedReason} (${details.join(": ")})` : stoppedReason;
}
