import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Window } from "../core/schedule";
import type { Alarm } from "./alarm";
import { certificateExpires } from "./certificate-alarm";
import type { Dimensions } from "./create-alarm";
import { dashboard, dashboardName } from "./dashboard";
import { loadBalancerAlarms, type Thresholds, tooFewHealthy, variantAlarms } from "./load-balancer-alarms";
import { countLogLines, saveQueries } from "./logs";
import { fewestReplicas } from "./mute-schedule";
import { type Actions, createNotifications, type Notifications } from "./notifications";
import { cpuAlarm, logAlarms, memoryAlarm } from "./replica-alarms";
import { createUptimeCheck, isPubliclyReachable, type Reach } from "./uptime-check";
import { type Page, pageFor, type Watched, watch } from "./watch";
import { body } from "./widgets";

export interface MonitoringArgs {
  /** All variants, behind one load balancer. */
  readonly routes: readonly WatchedRoute[];
  /** What callers are shown, when they come by HTTPS. */
  readonly certificateArn?: pulumi.Input<string>;
  readonly settings: {
    readonly region: string;
    readonly alarms: Thresholds;
    readonly notifications: Notifications;
    readonly replicas: { readonly min: number; readonly max: number };
    readonly schedule: Readonly<Record<string, Window>>;
  } & Reach;
}

export interface WatchedRoute {
  readonly name: string;
  readonly target: string;
  readonly weight: number;
  readonly targetGroupArnSuffix: pulumi.Input<string>;
  readonly loadBalancerArnSuffix: pulumi.Input<string>;
}

/** A metric of a platform, with dimensions that are known once the replicas are declared. */
export interface PlatformMetric {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, pulumi.Input<string>>>;
}

export interface WatchedReplicas {
  readonly variant: string;
  /** The service, once it is healthy. */
  readonly resource: pulumi.Resource;
  /** Metrics that the platform does not publish are absent; then there is no alarm or chart for them. */
  readonly utilization: {
    readonly replicas?: PlatformMetric;
    readonly cpuPercent?: PlatformMetric;
    readonly memoryPercent?: PlatformMetric;
  };
}

/** One platform: all its containers write into one log, unless it is somebody else's to say where. */
export interface WatchedService {
  readonly target: string;
  readonly logGroupName?: pulumi.Input<string>;
  readonly running: readonly WatchedReplicas[];
}

/** What callers meet is measured at the load balancer, so the same for every variant on whichever platform. */
export class Monitoring extends pulumi.ComponentResource {
  private readonly watched: ReadonlyMap<string, readonly Watched[]>;
  private readonly alarmArns: pulumi.Output<string>[] = [];
  private readonly actions: Actions;

  constructor(
    private readonly name: string,
    private readonly args: MonitoringArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("inference:aws:Monitoring", name, {}, opts);
    this.actions = createNotifications(name, args.settings.notifications, { parent: this });
    this.watched = new Map(args.routes.map((route) => [route.name, this.watchRoute(route)]));
    this.watchLoadBalancer();
    this.watchCertificate();
    this.registerOutputs({});
  }

  /** Adds the alarms on which ECS rolls a deployment of the variant back. */
  withRollbackAlarms<R extends WatchedRoute>(
    route: R,
  ): R & { readonly rollbackAlarmNames: readonly pulumi.Output<string>[] } {
    const watched = this.watched.get(route.name) ?? [];
    return {
      ...route,
      rollbackAlarmNames: watched.filter(({ alarm }) => alarm.rollsBack).map(({ resource }) => resource.name),
    };
  }

  /** Creates what needs running services: pages, replica and log alarms, the uptime check and the dashboard. */
  show(
    services: readonly WatchedService[],
    url: pulumi.Output<string>,
  ): { readonly dashboardUrl: pulumi.Output<string> } {
    const running = services.flatMap((service) => service.running);
    for (const one of running) {
      this.pageForRoute(one, url);
      this.watchReplicas(one);
    }
    this.watchLogs(services);
    this.watchUrl(url);
    return { dashboardUrl: this.createDashboard(running) };
  }

  private watchRoute(route: WatchedRoute): Watched[] {
    const alarms = variantAlarms(this.args.settings.alarms);
    return this.watchBy(alarms, `${this.name}-${route.name}`, dimensionsOf(route));
  }

  private watchLoadBalancer(): void {
    const { routes, settings } = this.args;
    const dimensions = { LoadBalancer: routes[0]?.loadBalancerArnSuffix ?? "" };
    const name = `${this.name}-load-balancer`;
    const watched = this.watchBy(loadBalancerAlarms(settings.alarms), name, dimensions);
    const says = "The load balancer itself answers with errors";
    this.pageBy(watched, { name, says, windows: this.quietForAll() });
  }

  /** Created once callers reach the variant and deleted before its service, so starting and stopping replicas pages nobody. */
  private pageForRoute({ variant, resource }: WatchedReplicas, url: pulumi.Output<string>): void {
    const route = this.args.routes.find(({ name }) => name === variant);
    if (route === undefined) return;
    const { replicas, schedule } = this.args.settings;
    const served = url.apply(() => resource);
    const inside = { parent: this, dependsOn: served };
    // Windows are ECS's own: what runs elsewhere is never asleep.
    const windows = route.target === "ecs" ? schedule : {};
    const fewest = tooFewHealthy(fewestReplicas(replicas.min, windows));
    const name = `${this.name}-${variant}`;
    const counted = this.watchBy(route.weight > 0 ? [fewest] : [], name, dimensionsOf(route), inside);
    const watched = [...(this.watched.get(variant) ?? []), ...counted];
    this.pageBy(watched, { name, says: `The variant ${variant} needs somebody`, windows }, inside);
  }

  /** The schedule, if all variants with weight follow it: variants on EKS run in every window. */
  private quietForAll(): Readonly<Record<string, Window>> {
    const { routes, settings } = this.args;
    const serving = routes.filter(({ weight }) => weight > 0);
    return serving.every(({ target }) => target === "ecs") ? settings.schedule : {};
  }

  private watchUrl(url: pulumi.Output<string>): void {
    const { settings } = this.args;
    if (!isPubliclyReachable(settings)) return;
    const { region, notifications } = settings;
    const args = { url, region, notifications, actions: this.actions.page, windows: this.quietForAll() };
    const { alarm, isNear } = createUptimeCheck(this.name, args, { parent: this });
    if (isNear) this.alarmArns.push(alarm.arn);
  }

  private watchCertificate(): void {
    const { certificateArn } = this.args;
    if (certificateArn !== undefined) this.watchBy([certificateExpires], this.name, { CertificateArn: certificateArn });
  }

  private watchReplicas({ variant, utilization }: WatchedReplicas): void {
    const name = `${this.name}-${variant}`;
    const { cpuPercent, memoryPercent } = utilization;
    if (cpuPercent) this.watchBy([cpuAlarm(cpuPercent)], name, cpuPercent.dimensions);
    if (memoryPercent) this.watchBy([memoryAlarm(memoryPercent)], name, memoryPercent.dimensions);
  }

  private watchBy(
    alarms: readonly Alarm[],
    name: string,
    dimensions: Dimensions,
    inside: pulumi.ResourceOptions = { parent: this },
  ): Watched[] {
    const watched = watch(name, alarms, dimensions, this.actions, inside);
    this.alarmArns.push(...watched.map(({ resource }) => resource.arn));
    return watched;
  }

  private pageBy(
    watched: readonly Watched[],
    page: Omit<Page, "actions" | "owner">,
    inside: pulumi.ResourceOptions = { parent: this },
  ): void {
    const suffix = pulumi.output(this.args.routes[0]?.loadBalancerArnSuffix ?? "");
    // In an update with --target a load balancer that is not among the targets has none yet.
    const owner = suffix.apply((text: string | undefined) => text?.split("/").at(-1) ?? "");
    this.alarmArns.push(pageFor(watched, { ...page, actions: this.actions, owner }, inside).arn);
  }

  private watchLogs(services: readonly WatchedService[]): void {
    const inside = { parent: this };
    const stack = `${this.name}/${pulumi.getStack()}`;
    const groups = services.flatMap(({ target, logGroupName }) =>
      logGroupName === undefined ? [] : [{ target, name: logGroupName }],
    );
    if (groups.length === 0) return;
    countLogLines(this.name, stack, groups, inside);
    saveQueries(this.name, stack, groups, inside);
    // Every variant may run its most.
    const most = this.args.settings.replicas.max * this.args.routes.length;
    this.watchBy(logAlarms(stack, most), this.name, {});
  }

  private createDashboard(running: readonly WatchedReplicas[]): pulumi.Output<string> {
    const { routes, settings } = this.args;
    const { region } = settings;
    const title = dashboardName(this.name, pulumi.getStack());
    const variants = routes.flatMap((route) => {
      const found = running.find(({ variant }) => variant === route.name);
      const [loadBalancer, targetGroup] = [route.loadBalancerArnSuffix, route.targetGroupArnSuffix];
      const { name, target, weight } = route;
      return found ? [{ name, target, weight, loadBalancer, targetGroup, utilization: found.utilization }] : [];
    });
    const dashboardBody = pulumi
      .all([variants, this.alarmArns])
      .apply(([seen, alarmArns]) => JSON.stringify(body(dashboard({ title, variants: seen, alarmArns }), region)));
    const created = new aws.cloudwatch.Dashboard(this.name, { dashboardName: title, dashboardBody }, { parent: this });
    const console = `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}`;
    return pulumi.interpolate`${console}#dashboards/dashboard/${created.dashboardName}`;
  }
}

function dimensionsOf({ loadBalancerArnSuffix, targetGroupArnSuffix }: WatchedRoute): Dimensions {
  return { LoadBalancer: loadBalancerArnSuffix, TargetGroup: targetGroupArnSuffix };
}
