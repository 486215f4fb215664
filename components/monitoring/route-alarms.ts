import * as pulumi from "@pulumi/pulumi";
import { type CreatedAlarm, createRollbackAlarms } from "./create-alarms";
import { limitsOf, type MonitoredWorkload, type Thresholds } from "./limits";
import { type MonitoredRoute, targetGroupMetrics } from "./metrics";

export interface RouteAlarmsArgs {
  readonly route: MonitoredRoute & { readonly workload: MonitoredWorkload };
  readonly thresholds: Thresholds;
}

/**
 * The alarms that roll a deployment of one workload back. ECS refuses a service whose alarms do not exist, so they come before it.
 *
 * @example
 * const thresholds = { p99Seconds: 1, errorPercent: 5, loadBalancerErrors: 10 };
 * const alarms = new RouteAlarms("inference-ecs", { route, thresholds });
 * // alarms.names go into the service, and alarms into Observability.
 */
export class RouteAlarms extends pulumi.ComponentResource {
  readonly route: RouteAlarmsArgs["route"];
  readonly created: readonly CreatedAlarm[];
  readonly names: readonly pulumi.Output<string>[];

  constructor(name: string, { route, thresholds }: RouteAlarmsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("inference:aws:RouteAlarms", name, {}, opts);
    const limits = limitsOf(route.workload, thresholds);
    // Observability creates the composite alarm that pages for them.
    const actions = { page: [], warning: [] };
    const subject = { name, metrics: targetGroupMetrics(route), limits, actions };
    this.route = route;
    this.created = createRollbackAlarms(subject, { parent: this });
    this.names = this.created.map(({ resource }) => resource.name);
    this.registerOutputs({ alarmNames: this.names });
  }
}
