import { DescribeTaskDefinitionCommand, ECSClient, type TaskDefinition } from "@aws-sdk/client-ecs";
import type { Docker } from "../../../../tools/start/docker";
import type { EmulatorEndpoint } from "../../../emulator/support/endpoint";
import type { Action } from "../../../emulator/support/proxy";
import { onEnd } from "../../../support/on-end";
import { ecsActions } from "./actions";
import { labelFilter, labelsOf, ownerIsAlive, ownerName, removeContainers } from "./clean-up";
import { raiseShareOfContainers } from "./cpu-share";
import { type ContainerEvent, EngineApi } from "./engine-api";
import { networkImage } from "./network-image";
import { secretsOf } from "./secrets";
import { EcsService, type StoredService } from "./service";
import type { Balancer, Surroundings } from "./surroundings";
import { Task, type TaskStatus } from "./task";

export interface RunningTask {
  readonly arn: string;
  readonly ip: string | undefined;
  /** Of the container behind the load balancer. */
  readonly containerId: string | undefined;
  readonly taskDefinition: string;
  readonly state: TaskStatus;
}

export interface TasksOptions {
  readonly emulator: EmulatorEndpoint;
  readonly docker: Docker;
  readonly balancer: Balancer;
  /** The version that answers at an address. */
  readonly versions: Map<string, string>;
}

export interface RunTaskRequest {
  /** Its ARN. */
  readonly cluster: string;
  readonly taskDefinition: string;
  readonly startedBy?: string;
}

/** Targets change their health without an event. */
const tickMs = 250;

/** ECS with Fargate: the services of an account, whose tasks are containers on this machine. */
export class Tasks {
  private readonly services = new Map<string, EcsService>();
  /** Those of no service. */
  private readonly single: Task[] = [];
  private readonly handlers = new Map<string, (event: ContainerEvent) => Promise<void>>();
  private readonly errors: unknown[] = [];
  private readonly ecs: ECSClient;
  private readonly around: Surroundings;
  private readonly tick: NodeJS.Timeout;
  private readonly forget: () => void;
  private readonly restoreShare = raiseShareOfContainers();
  /** The label of its containers and volumes. */
  readonly owner = ownerName();
  private isStopped = false;
  /** For the proxy before the emulator's ECS. */
  readonly actions: Record<string, Action>;

  private constructor(
    private readonly options: TasksOptions,
    private readonly engine: EngineApi,
    network: string,
  ) {
    const { emulator, balancer, versions } = options;
    this.ecs = new ECSClient(emulator.client);
    this.around = {
      ...{ engine, balancer, versions },
      networkImage: network,
      labels: labelsOf(this.owner),
      watch: (id, onEvent) => void this.handlers.set(id, onEvent),
      secretsOf: (definition) => secretsOf(emulator, definition),
      failed: (error) => this.failed(error),
    };
    this.actions = ecsActions(this);
    this.forget = onEnd(() => this.remove());
    this.tick = setInterval(() => this.reconcile(), tickMs).unref();
  }

  static async start(options: TasksOptions): Promise<Tasks> {
    const { docker } = options;
    removeContainers(docker, (owner) => !ownerIsAlive(owner));
    const engine = await EngineApi.of(docker);
    const tasks = new Tasks(options, engine, await networkImage(docker));
    await engine.watch(labelFilter(tasks.owner), (event) => tasks.onEvent(event));
    return tasks;
  }

  running(service: string): readonly RunningTask[] {
    return this.of(service)
      .tasks.filter(({ status }) => status !== "STOPPED")
      .map((task) => ({
        arn: task.arn,
        ip: task.ip,
        containerId: task.serving?.id,
        taskDefinition: task.order.taskDefinition.taskDefinitionArn ?? "",
        state: task.status,
      }));
  }

  /** The last lines that a task printed. Those of a stopped task are kept. */
  async logOf(taskArn: string): Promise<string> {
    return (await this.task(taskArn)).log();
  }

  /** SIGKILL, as a crash. */
  async kill(taskArn: string): Promise<void> {
    await this.task(taskArn).serving?.kill();
  }

  /**
   * Ends a task as an interruption of Fargate Spot does: SIGTERM at once. The task may stay registered, even until it has stopped:
   * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html
   */
  interrupt(taskArn: string, deregisterAfterSeconds = 0): Promise<void> {
    return this.task(taskArn).interrupt(deregisterAfterSeconds);
  }

  /** Removes every container and volume. Rejects if a step of a task had failed. */
  async stop(): Promise<void> {
    this.isStopped = true;
    clearInterval(this.tick);
    await Promise.all([...this.all(), ...this.single].map((one) => one.abandon()));
    this.forget();
    this.remove();
    this.engine.close();
    this.ecs.destroy();
    if (this.errors.length > 0) throw new AggregateError(this.errors, `Tasks: ${String(this.errors[0])}`);
  }

  /** For the actions. */
  all(): readonly EcsService[] {
    return [...this.services.values()];
  }

  find(cluster: string | undefined, service: string): EcsService | undefined {
    const short = (name = "default") => name.split("/").at(-1);
    return this.all().find(
      ({ stored }) => stored.serviceName === short(service) && short(stored.clusterArn) === short(cluster),
    );
  }

  add(stored: StoredService, taskDefinition: TaskDefinition): EcsService {
    const service = new EcsService(stored, taskDefinition, this.around);
    this.services.set(stored.serviceArn, service);
    service.reconcile();
    return service;
  }

  /** Starts a task outside every service, behind no load balancer. */
  async run({ cluster, taskDefinition: name, startedBy = "" }: RunTaskRequest): Promise<Task> {
    const taskDefinition = await this.taskDefinition(name);
    const [, , , region = "", account = "", path = ""] = cluster.split(":");
    const group = `family:${taskDefinition.family}`;
    const place = { cluster: path.split("/").at(-1) ?? "", region, account };
    const order = { ...place, group, startedBy, taskDefinition, capacityProvider: "FARGATE", targets: [] };
    const task = new Task(order, this.around, () => {});
    this.single.push(task);
    return task;
  }

  everyTask(): readonly Task[] {
    return [...this.all().flatMap(({ tasks }) => tasks), ...this.single];
  }

  async taskDefinition(name: string): Promise<TaskDefinition> {
    const described = await this.ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: name }));
    if (!described.taskDefinition) throw new Error(`there is no task definition ${name}`);
    return described.taskDefinition;
  }

  private of(name: string): EcsService {
    const found = this.all().find(({ stored }) => stored.serviceName === name || stored.serviceArn === name);
    if (!found) throw new Error(`there is no service ${name}; expected one of ${[...this.services.keys()].join(", ")}`);
    return found;
  }

  private task(arn: string): Task {
    const found = this.everyTask().find((task) => task.arn === arn);
    if (!found) throw new Error(`there is no task ${arn}`);
    return found;
  }

  private reconcile(): void {
    for (const service of this.services.values()) service.reconcile();
  }

  private onEvent(event: ContainerEvent): void {
    this.handlers
      .get(event.Actor.ID)?.(event)
      .catch((error) => this.failed(error));
  }

  private failed(error: unknown): void {
    if (!this.isStopped) this.errors.push(error);
  }

  private remove(): void {
    removeContainers(this.options.docker, (owner) => owner === this.owner);
    this.restoreShare();
  }
}
