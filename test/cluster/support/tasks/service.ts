import { randomInt, randomUUID } from "node:crypto";
import type { Service, ServiceEvent, TaskDefinition } from "@aws-sdk/client-ecs";
import { Deployment } from "./deployment";
import { failureThreshold, nextProvider, nextStep } from "./plan";
import { isFailedCheck, type StopCause, scaledIn, unhealthy } from "./stop-cause";
import type { Surroundings } from "./surroundings";
import { Task } from "./task";
import { Throttle } from "./throttle";

/** A service as the account stores it. */
export type StoredService = Service & { readonly serviceArn: string; readonly serviceName: string };

const keptEvents = 100;

/** Changes that ECS rolls out: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html */
const rolledOut = ["capacityProviderStrategy", "networkConfiguration", "loadBalancers", "platformVersion"] as const;

/** ECS's scheduler for one service. `reconcile` compares what runs with what is wanted, and takes the next step. */
export class EcsService {
  /** All, newest first. */
  readonly history: Deployment[] = [];
  primary: Deployment;
  readonly events: ServiceEvent[] = [];
  readonly tasks: Task[] = [];
  isDeleted = false;
  private readonly registered = new Set<string>();
  private readonly healthy = new Set<string>();
  private readonly ended = new Set<string>();
  private isSteady = false;
  private readonly throttle = new Throttle();
  private isReconciling = false;

  constructor(
    public stored: StoredService,
    taskDefinition: TaskDefinition,
    private readonly around: Surroundings,
  ) {
    this.primary = this.deploy(taskDefinition);
  }

  get desired(): number {
    return this.isDeleted ? 0 : (this.stored.desiredCount ?? 0);
  }

  /** The one that the service goes to, and older ones that still have tasks. */
  get deployments(): Deployment[] {
    const hasTasks = (one: Deployment) => this.tasksOf(one).some(({ status }) => status !== "STOPPED");
    return [this.primary, ...this.history.filter((one) => one !== this.primary && hasTasks(one))];
  }

  update(stored: StoredService, taskDefinition: TaskDefinition, isForced: boolean): void {
    const before = this.stored;
    this.stored = stored;
    const isChanged = rolledOut.some((key) => JSON.stringify(before[key]) !== JSON.stringify(stored[key]));
    const isNewVersion = taskDefinition.taskDefinitionArn !== this.primary.taskDefinition.taskDefinitionArn;
    if (isForced || isChanged || isNewVersion) this.deploy(taskDefinition);
    else if (before.desiredCount !== stored.desiredCount) this.isSteady = false;
    this.reconcile();
  }

  /** Starts and stops nothing any more. */
  abandon(): Promise<unknown> {
    this.isReconciling = true;
    return Promise.all(this.tasks.map((task) => task.abandon()));
  }

  delete(): void {
    this.isDeleted = true;
    this.reconcile();
  }

  get isGone(): boolean {
    return this.isDeleted && this.tasks.every(({ status }) => status === "STOPPED");
  }

  private deploy(taskDefinition: TaskDefinition): Deployment {
    for (const one of this.history) one.supersede();
    const id = `ecs-svc/${randomInt(1e12, 1e13)}`;
    this.primary = new Deployment(id, taskDefinition, this.stored);
    this.history.unshift(this.primary);
    this.isSteady = false;
    this.throttle.end();
    return this.primary;
  }

  /** Called after every change and at every tick. */
  reconcile(): void {
    // Starting or stopping a task is a change itself.
    if (this.isReconciling || this.isGone) return;
    this.isReconciling = true;
    try {
      this.noticeTargets();
      this.noticeHealthy();
      this.noticeFailures();
      this.breakCircuit();
      this.step();
      this.complete();
    } finally {
      this.isReconciling = false;
    }
  }

  tasksOf(deployment: Deployment): Task[] {
    return this.tasks.filter(({ order }) => order.startedBy === deployment.id);
  }

  healthOf(task: Task) {
    return task.health(this.stored.healthCheckGracePeriodSeconds ?? 0);
  }

  private step(): void {
    const { minimumHealthyPercent = 100, maximumPercent = 200 } = this.stored.deploymentConfiguration ?? {};
    const bounds = { desired: this.desired, minimumHealthyPercent, maximumPercent };
    const live = this.tasks.filter(({ isStopping }) => !isStopping);
    const planned = live.map((task) => ({
      id: task.id,
      isPrimary: task.order.startedBy === this.primary.id,
      health: this.healthOf(task),
    }));
    const { start, stop } = nextStep(bounds, planned);
    if (this.primary.rollout !== "FAILED" && !this.throttle.isWaiting) this.start(start);
    this.stop(live.filter(({ id }) => stop.includes(id)));
  }

  private start(count: number): void {
    if (count === 0) return;
    const { primary, stored } = this;
    const strategy = stored.capacityProviderStrategy ?? [];
    const [, , , region = "", account = ""] = stored.serviceArn.split(":");
    const started = Array.from({ length: count }, () => {
      const taken = this.tasks.filter(({ isStopping }) => !isStopping).map(({ order }) => order.capacityProvider);
      const order = {
        cluster: stored.clusterArn?.split("/").at(-1) ?? "",
        group: `service:${stored.serviceName}`,
        ...{ region, account, startedBy: primary.id, taskDefinition: primary.taskDefinition },
        capacityProvider: nextProvider(strategy, taken),
        targets: stored.loadBalancers ?? [],
      };
      const task = new Task(order, this.around, () => this.reconcile());
      this.tasks.push(task);
      return task;
    });
    this.say(`has started ${count} tasks: ${named(started)}.`);
  }

  private stop(tasks: readonly Task[]): void {
    if (tasks.length === 0) return;
    for (const task of tasks) void task.stop(this.causeOf(task));
    this.say(`has stopped ${tasks.length} running tasks: ${named(tasks)}.`);
    this.say(`has begun draining connections on ${tasks.length} tasks.`);
  }

  private causeOf(task: Task): StopCause {
    if (this.healthOf(task) !== "unhealthy") return scaledIn(this.primary.id);
    if (task.containerHealth === "UNHEALTHY") {
      this.say(`(task ${task.id}) failed container health checks.`);
      return unhealthy("container health checks");
    }
    const at = task.targetHealths().findIndex((one) => one?.state === "unhealthy");
    const [target, health] = [task.order.targets[at], task.targetHealths()[at]];
    const group = `target-group ${target?.targetGroupArn}`;
    const why = health?.description ?? health?.reason ?? "Health checks failed";
    this.say(`(task ${task.id}) (port ${target?.containerPort}) is unhealthy in (${group}) due to (reason ${why}).`);
    return unhealthy(`ELB health checks in (${group})`);
  }

  private noticeTargets(): void {
    for (const { id, startedAtMs, order } of this.tasks) {
      if (startedAtMs === undefined || this.registered.has(id)) continue;
      this.registered.add(id);
      for (const { targetGroupArn } of order.targets)
        this.say(`registered 1 targets in (target-group ${targetGroupArn}).`);
    }
  }

  private noticeHealthy(): void {
    for (const task of this.tasks) {
      if (this.healthy.has(task.id) || task.isStopping || this.healthOf(task) !== "healthy") continue;
      this.healthy.add(task.id);
      this.throttle.end();
      // resetOnHealthyTask, which is true by default.
      this.deploymentOf(task).failedTasks = 0;
    }
  }

  private noticeFailures(): void {
    for (const task of this.tasks) {
      const { id, cause, startedAtMs } = task;
      if (!cause || this.ended.has(id)) continue;
      this.ended.add(id);
      const isBadStart =
        cause.code === "TaskFailedToStart" || (cause.code === "EssentialContainerExited" && !this.healthy.has(id));
      if (!isBadStart && !isFailedCheck(cause)) continue;
      this.deploymentOf(task).failedTasks += 1;
      // Only tasks that never ran are throttled.
      if (startedAtMs !== undefined) continue;
      this.throttle.count();
      if (this.throttle.failures === 3) this.say("is unable to consistently start tasks successfully.");
    }
  }

  private deploymentOf({ order }: Task): Deployment {
    return this.history.find(({ id }) => id === order.startedBy) ?? this.primary;
  }

  private breakCircuit(): void {
    const { primary } = this;
    const { enable, rollback } = this.stored.deploymentConfiguration?.deploymentCircuitBreaker ?? {};
    if (!enable || primary.rollout !== "IN_PROGRESS" || primary.failedTasks < failureThreshold(this.desired)) return;
    // A rollback that fails is not rolled back.
    const target = rollback && !primary.isRollback ? this.history.find(({ wasCompleted }) => wasCompleted) : undefined;
    primary.fail(target !== undefined);
    this.say(`(deployment ${primary.id}) deployment failed: tasks failed to start.`);
    if (!target) return;
    this.say(`rolling back to deployment ${target.id}.`);
    target.rollBackFrom(primary);
    this.primary = target;
    this.throttle.end();
  }

  private complete(): void {
    const live = this.tasks.filter(({ status }) => status !== "STOPPED");
    const isSteady =
      live.length === this.desired &&
      live.every((task) => task.order.startedBy === this.primary.id && this.healthOf(task) === "healthy");
    if (isSteady && this.primary.rollout === "IN_PROGRESS") {
      this.primary.complete();
      this.say(`(deployment ${this.primary.id}) deployment completed.`);
    }
    if (isSteady && !this.isSteady) this.say("has reached a steady state.");
    this.isSteady = isSteady;
  }

  private say(message: string): void {
    this.events.unshift({
      id: randomUUID(),
      createdAt: new Date(),
      message: `(service ${this.stored.serviceName}) ${message}`,
    });
    this.events.splice(keptEvents);
  }
}

const named = (tasks: readonly Task[]) => tasks.map(({ id }) => `(task ${id})`).join(" ");
