import * as pulumi from "@pulumi/pulumi";
import type { Actions } from "./create-alarms";
import { createDashboard, dashboardVariants } from "./create-dashboard";
import { sizingMetrics } from "./dashboard";
import { createLogMetrics, type Log, saveQueries } from "./logs";
import { createNotifications } from "./notifications";
import type { RouteAlarms } from "./route-alarms";
import {
  type MonitoredStack,
  type MonitoredVariant,
  monitorCertificate,
  monitorLoadBalancer,
  monitorLogs,
  monitorUrl,
  monitorVariant,
} from "./subjects";

export interface ObservabilityArgs extends Pick<MonitoredStack, "url" | "settings" | "listener"> {
  /** One for each workload, all behind one load balancer. */
  readonly routeAlarms: readonly RouteAlarms[];
  readonly platforms: readonly MonitoredPlatform[];
  /** The certificate of the HTTPS listener. */
  readonly certificateArn?: pulumi.Input<string>;
}

export interface MonitoredPlatform {
  readonly target: string;
  /** Absent if the program does not collect the logs. */
  readonly logGroupName?: pulumi.Input<string>;
  readonly deployments: readonly ({ readonly workload: { readonly id: string } } & MonitoredVariant["deployment"])[];
}

/**
 * Pages, warnings, metrics and queries of the logs, the uptime check and the dashboard. The load balancer measures what callers see, so
 * they are the same on every platform.
 *
 * @example
 * const platforms = [new EcsFargateService("inference", { ... })];
 * const { servedUrl: url } = new Traffic("inference", { ... });
 * new Observability("inference", { routeAlarms: [alarms], platforms, url, settings });
 */
export class Observability extends pulumi.ComponentResource {
  /** The dashboard in the AWS console. */
  readonly dashboardUrl: pulumi.Output<string>;

  constructor(name: string, args: ObservabilityArgs, opts?: pulumi.ComponentResourceOptions) {
    super("inference:aws:Observability", name, {}, opts);
    const inside = { parent: this };
    const { region, notifications } = args.settings;
    const actions = createNotifications(name, notifications, inside);
    const stack = stackOf(name, args, actions, inside);
    const variants = variantsOf(args);
    createLogMetrics(name, stack.log, inside);
    saveQueries(name, stack.log, inside);
    const alarmArns = [
      ...variants.flatMap((variant) => monitorVariant(stack, variant)),
      ...monitorLoadBalancer(stack),
      ...monitorCertificate(stack, args.certificateArn),
      ...monitorLogs(stack),
      ...monitorUrl(stack),
    ];
    const shown = dashboardVariants(variants);
    this.dashboardUrl = createDashboard(
      name,
      { variants: shown, logFormat: stack.log.format, alarmArns, region, isShared: args.listener !== undefined },
      inside,
    );
    // npm run rightsize reads these from the state.
    const metrics = shown.apply((all) => Object.fromEntries(all.map((each) => [each.name, sizingMetrics(each)])));
    this.registerOutputs({ dashboardUrl: this.dashboardUrl, metrics });
  }
}

const stackOf = (
  name: string,
  args: ObservabilityArgs,
  actions: Actions,
  inside: pulumi.ResourceOptions,
): MonitoredStack => ({
  name,
  workloads: args.routeAlarms.map(({ route }) => route.workload),
  loadBalancerArnSuffix: args.routeAlarms[0]?.route.loadBalancerArnSuffix ?? "",
  listener: args.listener,
  log: logOf(name, args),
  url: args.url,
  settings: args.settings,
  actions,
  inside,
});

function variantsOf({ routeAlarms, platforms }: ObservabilityArgs): MonitoredVariant[] {
  const all = platforms.flatMap(({ deployments }) => deployments);
  return routeAlarms.flatMap(({ route, created }) =>
    all
      .filter(({ workload }) => workload.id === route.workload.id)
      .map((deployment) => ({ workload: route.workload, route, rollbackAlarms: created, deployment })),
  );
}

/** All variants run the same container. */
const logOf = (name: string, { routeAlarms, platforms }: ObservabilityArgs): Log => ({
  format: routeAlarms[0]?.route.workload.spec.logFormat ?? "ours",
  namespace: `${name}/${pulumi.getStack()}`,
  groups: platforms.flatMap(({ target, logGroupName }) =>
    logGroupName === undefined ? [] : [{ target, name: logGroupName }],
  ),
});
