import type { Deployment } from "./deployment";
import type { EcsService } from "./service";
import type { Task, TaskStatus } from "./task";

/** Times in the JSON protocol of ECS: seconds. */
const seconds = (ms: number | undefined) => (ms === undefined ? undefined : ms / 1000);

const notRunning: readonly TaskStatus[] = ["PROVISIONING", "PENDING", "ACTIVATING"];

const counts = (tasks: readonly Task[]) => ({
  runningCount: tasks.filter(({ status }) => status === "RUNNING").length,
  pendingCount: tasks.filter(({ status, isStopping }) => !isStopping && notRunning.includes(status)).length,
});

/** As DescribeServices shows it: what the account stores, and what really runs. */
export function describeService(service: EcsService, stored: object): object {
  const { primary, tasks, isDeleted, isGone, desired } = service;
  return {
    ...stored,
    status: isGone ? "INACTIVE" : isDeleted ? "DRAINING" : "ACTIVE",
    taskDefinition: primary.taskDefinition.taskDefinitionArn,
    desiredCount: desired,
    ...counts(tasks),
    deployments: isGone ? [] : service.deployments.map((one) => describeDeployment(service, one)),
    events: service.events.map((event) => ({ ...event, createdAt: seconds(event.createdAt?.getTime()) })),
  };
}

function describeDeployment(service: EcsService, deployment: Deployment): object {
  const { id, taskDefinition, stored, rollout, reason, failedTasks, createdAtMs, updatedAtMs } = deployment;
  const isPrimary = deployment === service.primary;
  return {
    id,
    status: isPrimary ? "PRIMARY" : "ACTIVE",
    taskDefinition: taskDefinition.taskDefinitionArn,
    desiredCount: isPrimary ? service.desired : 0,
    ...counts(service.tasksOf(deployment)),
    failedTasks,
    createdAt: seconds(createdAtMs),
    updatedAt: seconds(updatedAtMs),
    capacityProviderStrategy: stored.capacityProviderStrategy,
    networkConfiguration: stored.networkConfiguration,
    platformVersion: stored.platformVersion,
    platformFamily: "Linux",
    rolloutState: rollout,
    rolloutStateReason: reason,
  };
}

export function describeTask(task: Task): object {
  const { arn, order, status, cause, createdAtMs, startedAtMs, stoppedAtMs, ip } = task;
  const { taskDefinition } = order;
  return {
    taskArn: arn,
    taskDefinitionArn: taskDefinition.taskDefinitionArn,
    group: order.group,
    startedBy: order.startedBy,
    lastStatus: status,
    desiredStatus: cause ? "STOPPED" : "RUNNING",
    healthStatus: task.containerHealth ?? "UNKNOWN",
    cpu: taskDefinition.cpu,
    memory: taskDefinition.memory,
    capacityProviderName: order.capacityProvider,
    createdAt: seconds(createdAtMs),
    startedAt: seconds(startedAtMs),
    stoppedAt: seconds(stoppedAtMs),
    stopCode: cause?.code,
    stoppedReason: cause?.reason,
    attachments: [{ type: "ElasticNetworkInterface", details: [{ name: "privateIPv4Address", value: ip }] }],
    containers: task.containers.map((container) => container.describe(arn)),
  };
}

/** Of the service's deployments, each with its own record. */
export function describeServiceDeployment(service: EcsService, deployment: Deployment): object {
  const { record, reason, createdAtMs, updatedAtMs, finishedAtMs } = deployment;
  return {
    serviceDeploymentArn: serviceDeploymentArn(service, deployment),
    serviceArn: service.stored.serviceArn,
    clusterArn: service.stored.clusterArn,
    status: record,
    statusReason: reason,
    createdAt: seconds(createdAtMs),
    startedAt: seconds(createdAtMs),
    updatedAt: seconds(updatedAtMs),
    finishedAt: seconds(finishedAtMs),
  };
}

export const serviceDeploymentArn = ({ stored }: EcsService, { id }: Deployment): string =>
  `${stored.serviceArn.replace(":service/", ":service-deployment/")}/${id.split("/")[1]}`;
