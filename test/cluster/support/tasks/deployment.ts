import type { Service, ServiceDeploymentStatus, TaskDefinition } from "@aws-sdk/client-ecs";

/** One version of a service, as DescribeServices lists it, and its record in ListServiceDeployments. */
export class Deployment {
  rollout: "IN_PROGRESS" | "COMPLETED" | "FAILED" = "IN_PROGRESS";
  reason: string;
  failedTasks = 0;
  wasCompleted = false;
  record: ServiceDeploymentStatus = "IN_PROGRESS";
  readonly createdAtMs = Date.now();
  updatedAtMs = Date.now();
  finishedAtMs: number | undefined;
  /** The failed deployment that was rolled back to this one. */
  private insteadOf: Deployment | undefined;

  constructor(
    readonly id: string,
    readonly taskDefinition: TaskDefinition,
    readonly stored: Service,
  ) {
    this.reason = `ECS deployment ${id} in progress.`;
  }

  get isRollback(): boolean {
    return this.insteadOf !== undefined;
  }

  complete(): void {
    this.enter("COMPLETED", `ECS deployment ${this.id} completed.`);
    this.wasCompleted = true;
    this.failedTasks = 0;
    if (!this.insteadOf) this.finish("SUCCESSFUL");
    this.insteadOf?.finish("ROLLBACK_SUCCESSFUL");
    this.insteadOf = undefined;
  }

  fail(isRolledBack: boolean): void {
    this.enter("FAILED", "ECS deployment circuit breaker: tasks failed to start.");
    this.insteadOf?.finish("ROLLBACK_FAILED");
    if (isRolledBack) this.record = "ROLLBACK_IN_PROGRESS";
    else this.finish("STOPPED");
  }

  rollBackFrom(failed: Deployment): void {
    this.insteadOf = failed;
    this.failedTasks = 0;
    this.enter("IN_PROGRESS", `ECS deployment circuit breaker: rolling back to deploymentId ${this.id}.`);
  }

  supersede(): void {
    if (this.rollout === "IN_PROGRESS") this.finish("STOPPED");
  }

  private enter(rollout: Deployment["rollout"], reason: string): void {
    this.rollout = rollout;
    this.reason = reason;
    this.updatedAtMs = Date.now();
  }

  private finish(record: ServiceDeploymentStatus): void {
    this.record = record;
    this.finishedAtMs ??= Date.now();
  }
}
