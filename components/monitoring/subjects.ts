import * as pulumi from "@pulumi/pulumi";
import { openPath } from "../core/container";
import type { Deployment } from "../core/deployment";
import { type Actions, type CreatedAlarm, createAlarms, type Subject } from "./create-alarms";
import { limitsOf, limitsOfAll, type MonitoredWorkload, type Thresholds, windowsOfAll } from "./limits";
import type { Log } from "./logs";
import {
  certificateMetrics,
  healthCheckMetrics,
  loadBalancerMetrics,
  logMetrics,
  type MonitoredRoute,
  targetGroupMetrics,
  utilizationMetrics,
} from "./metrics";
import { createPageTopic, type Notifications } from "./notifications";
import { createPage, mute, type Page } from "./pages";
import { createUptimeCheck, healthCheckRegion, isPubliclyReachable, type Reach } from "./uptime-check";

/** What the alarms on all resources of a stack share. */
export interface MonitoredStack {
  readonly name: string;
  readonly workloads: readonly MonitoredWorkload[];
  readonly loadBalancerArnSuffix: pulumi.Input<string>;
  /** The listener of the load balancer, when other services share it. */
  readonly listener?: SharedListener;
  readonly log: Log;
  /** Resolves once the public rule sends callers to the deployments. */
  readonly url: pulumi.Output<string>;
  readonly settings: Reach & {
    readonly region: string;
    readonly alarms: Thresholds;
    readonly notifications: Notifications;
  };
  readonly actions: Actions;
  readonly inside: pulumi.ResourceOptions;
}

export interface SharedListener {
  readonly arn: string;
  /** The first priority of the stack's rules, which no other stack has on this listener. */
  readonly priority: number;
  /** Whether everyone reaches its URL over HTTPS. */
  readonly isPublic: boolean;
}

/** A workload with its route, its rollback alarms and its deployment. */
export interface MonitoredVariant {
  readonly workload: MonitoredWorkload;
  readonly route: MonitoredRoute;
  readonly rollbackAlarms: readonly CreatedAlarm[];
  readonly deployment: Pick<Deployment, "resource" | "utilization">;
}

type AlarmArns = readonly pulumi.Output<string>[];

/** The page exists while callers reach the deployment. It is deleted before the service, so starting and stopping replicas pages nobody. */
export function monitorVariant(stack: MonitoredStack, variant: MonitoredVariant): AlarmArns {
  const { workload, route, rollbackAlarms, deployment } = variant;
  const { inside } = stack;
  const name = `${stack.name}-${workload.id}`;
  const limits = limitsOf(workload, stack.settings.alarms);
  const onGroup = subject(stack, { name, limits, metrics: targetGroupMetrics(route) });
  const onReplicas = subject(stack, { name, limits, metrics: utilizationMetrics(deployment.utilization) });
  const served = { ...inside, dependsOn: stack.url.apply(() => deployment.resource) };
  const created = [
    ...rollbackAlarms,
    ...createAlarms("variant", onGroup, inside),
    ...(workload.weight > 0 ? createAlarms("servingVariant", onGroup, served) : []),
    ...createAlarms("replicas", onReplicas, inside),
  ];
  const page = { name, says: `The variant ${workload.variant} needs attention`, windows: workload.spec.schedule };
  return withPage(stack, created, page, served);
}

/** On a shared load balancer it would page for the errors of other services. */
export function monitorLoadBalancer(stack: MonitoredStack): AlarmArns {
  if (stack.listener) return [];
  const name = `${stack.name}-load-balancer`;
  const metrics = loadBalancerMetrics(stack.loadBalancerArnSuffix);
  const created = createAlarms("loadBalancer", subject(stack, { name, metrics }), stack.inside);
  return withPage(stack, created, { name, says: "The load balancer itself needs attention" });
}

export function monitorCertificate(stack: MonitoredStack, arn: pulumi.Input<string> | undefined): AlarmArns {
  if (arn === undefined) return [];
  const { name, inside } = stack;
  const created = createAlarms("certificate", subject(stack, { name, metrics: certificateMetrics(arn) }), inside);
  return withPage(stack, created, { name: `${name}-certificate`, says: "The certificate needs attention" });
}

/** Metrics of all log groups are counted together. */
export function monitorLogs(stack: MonitoredStack): AlarmArns {
  const { name, log, inside } = stack;
  if (log.groups.length === 0) return [];
  const created = createAlarms("logs", subject(stack, { name, metrics: logMetrics(log) }), inside);
  return withPage(stack, created, { name: `${name}-logs`, says: "The containers need attention" });
}

/** Its alarms page by themselves: composite alarms cannot read alarms of another region. The dashboard neither. */
export function monitorUrl(stack: MonitoredStack): AlarmArns {
  const { name, url, settings, listener, actions, inside } = stack;
  const { region, notifications } = settings;
  const [path] = stack.workloads.map(({ spec }) => openPath(spec));
  const isReachable = listener ? listener.isPublic : isPubliclyReachable(settings);
  if (path === undefined || !isReachable) return [];
  const check = createUptimeCheck(name, url, path, inside);
  const isNear = region === healthCheckRegion;
  const page = isNear ? actions.page : createPageTopic(`${name}-outside`, notifications, healthCheckRegion, inside);
  const metrics = healthCheckMetrics(check.id);
  const onUrl = { ...subject(stack, { name, metrics }), actions: { page, warning: [] }, region: healthCheckRegion };
  const created = createAlarms("url", onUrl, inside);
  const alarmNames = created.map(({ resource }) => resource.name);
  const windows = windowsOfAll(stack.workloads);
  mute({ name: `${name}-outside`, windows, alarmNames, region: healthCheckRegion }, inside);
  return isNear ? created.map(({ resource }) => resource.arn) : [];
}

/** Warnings notify by themselves. Paging alarms notify through the composite alarm of their page. */
const subject = (stack: MonitoredStack, own: Pick<Subject, "name" | "metrics"> & Partial<Subject>): Subject => ({
  limits: limitsOfAll(stack.workloads, stack.settings.alarms),
  actions: { page: [], warning: stack.actions.warning },
  ...own,
});

/** Adds the composite alarm that pages for the created ones. */
function withPage(
  stack: MonitoredStack,
  created: readonly CreatedAlarm[],
  page: Pick<Page, "name" | "says"> & Partial<Page>,
  inside = stack.inside,
): AlarmArns {
  const windows = windowsOfAll(stack.workloads);
  const pages = createPage(created, { windows, actions: stack.actions.page, owner: ownerOf(stack), ...page }, inside);
  return [...created.map(({ resource }) => resource.arn), ...pages.map(({ arn }) => arn)];
}

const lastPart = (text: string) => text.split("/").at(-1) ?? "";

/** What no other stack of the account has: its load balancer, or its priorities on a shared listener. */
function ownerOf({ listener, loadBalancerArnSuffix }: MonitoredStack): pulumi.Input<string> {
  if (listener) return `${lastPart(listener.arn)}-${listener.priority}`;
  // In an update with --target, a load balancer that is not among the targets has no ARN yet.
  return pulumi.output(loadBalancerArnSuffix).apply((text?: string) => lastPart(text ?? ""));
}
