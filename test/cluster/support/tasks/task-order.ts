import type { LoadBalancer as ServiceLoadBalancer, TaskDefinition } from "@aws-sdk/client-ecs";

/** What a service, or RunTask, wants of one task. */
export interface TaskOrder {
  readonly cluster: string;
  /** "service:" and the name of the service, or "family:" and that of the definition. */
  readonly group: string;
  readonly account: string;
  readonly region: string;
  readonly taskDefinition: TaskDefinition;
  /** The deployment of a service, or the startedBy of a RunTask request. */
  readonly startedBy: string;
  readonly capacityProvider: string;
  readonly targets: readonly ServiceLoadBalancer[];
}
