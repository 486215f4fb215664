import {
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ECSClient,
  RunTaskCommand,
  type Service,
  StopTaskCommand,
} from "@aws-sdk/client-ecs";
import { clientConfig } from "../../components/aws/connection";
import { describeStop } from "../../components/aws/ecs";
import { UserError } from "../cli/user-error";
import type { DeployedService } from "./service";
import type { Runner, TaskState } from "./trial";

/** As components/ecs-fargate-service/task.ts names it; to import that would load the SDK of AWS in Pulumi. */
export const containerName = "inference";

export interface DeclaredTask {
  readonly taskDefinitionArn: string;
  readonly runner: Runner;
}

/** A runner for the newest revision of the service's task family: the declared one, even after ECS rolled back from it. */
export async function declaredTask({ connection, cluster, service: name }: DeployedService): Promise<DeclaredTask> {
  const ecs = new ECSClient(await clientConfig(connection, "ecs"));
  const service = await describeService(ecs, cluster, name);
  const family = service.taskDefinition?.split("/").pop()?.split(":")[0];
  const { taskDefinition } = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: family }));
  const taskDefinitionArn = taskDefinition?.taskDefinitionArn ?? "";
  const runner: Runner = {
    isProbed: ownContainer(taskDefinition?.containerDefinitions)?.healthCheck !== undefined,
    start: () => startTask(ecs, service, taskDefinitionArn),
    look: (taskArn) => lookAt(ecs, cluster, taskArn),
    stop: (taskArn) => stopTask(ecs, cluster, taskArn),
  };
  return { taskDefinitionArn, runner };
}

/** The task may have others, such as one that prepares its files. ECS lists them in no order. */
const ownContainer = <T extends { name?: string }>(containers: readonly T[] = []) =>
  containers.find(({ name }) => name === containerName);

async function describeService(ecs: ECSClient, cluster: string, name: string): Promise<Service> {
  const { services = [] } = await ecs.send(new DescribeServicesCommand({ cluster, services: [name] }));
  const found = services.find(({ status }) => status === "ACTIVE");
  if (!found) throw new UserError(`There is no active service ${name} in cluster ${cluster}. Run pulumi up.`);
  return found;
}

/** Starts the task in the network of the service but outside the service, so the load balancer sends it no requests. */
async function startTask(ecs: ECSClient, service: Service, taskDefinition: string): Promise<string> {
  const { tasks = [], failures = [] } = await ecs.send(
    new RunTaskCommand({
      cluster: service.clusterArn,
      taskDefinition,
      count: 1,
      startedBy: "inference-try",
      networkConfiguration: service.networkConfiguration,
      // On demand even for a service on Spot, which could interrupt the trial.
      launchType: "FARGATE",
      enableExecuteCommand: service.enableExecuteCommand,
      propagateTags: "TASK_DEFINITION",
    }),
  );
  const [task] = tasks;
  if (task?.taskArn) return task.taskArn;
  const why = failures.map(({ reason, detail }) => [reason, detail].filter(Boolean).join(": ")).join("; ");
  throw new UserError(`ECS did not start the task: ${why || "it gave no reason"}`);
}

async function stopTask(ecs: ECSClient, cluster: string, task: string): Promise<void> {
  try {
    await ecs.send(new StopTaskCommand({ cluster, task, reason: "The trial is over" }));
  } catch (error) {
    const command = `aws ecs stop-task --cluster ${cluster} --task ${task}`;
    throw new UserError(`ECS did not stop the task, so it still runs: ${error}\nStop it: ${command}`);
  }
}

async function lookAt(ecs: ECSClient, cluster: string, taskArn: string): Promise<TaskState> {
  const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: [taskArn] }));
  const [task] = tasks;
  if (!task) return { status: "STOPPED", health: "UNKNOWN", stopReason: "ECS no longer lists it" };
  const { lastStatus = "UNKNOWN", desiredStatus, containers = [] } = task;
  const hasStopped = lastStatus === "STOPPED" || desiredStatus === "STOPPED";
  return {
    status: lastStatus,
    health: ownContainer(containers)?.healthStatus ?? "UNKNOWN",
    ...(hasStopped && { stopReason: describeStop(task) }),
  };
}
