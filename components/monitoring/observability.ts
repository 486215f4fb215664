import * as pulumi from "@pulumi/pulumi";
import type { Actions } from "./create-alarms";
import { createDashboard, dashboardVariants } from "./create-dashboard";
import { sizingMetrics } from "./dashboard";
import { createLogMetrics, type LogGroup, saveQueries } from "./logs";
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

export interface ObservabilityArgs extends Pick<MonitoredStack, "url" | "settings"> {
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
    const logGroups = logGroupsOf(args);
    createLogMetrics(name, stack.logNamespace, logGroups, inside);
    saveQueries(name, stack.logNamespace, logGroups, inside);
    const alarmArns = [
      ...variants.flatMap((variant) => monitorVariant(stack, variant)),
      ...monitorLoadBalancer(stack),
      ...monitorCertificate(stack, args.certificateArn),
      ...monitorLogs(stack, logGroups),
      ...monitorUrl(stack),
    ];
    const shown = dashboardVariants(variants);
    this.dashboardUrl = createDashboard(name, { variants: shown, alarmArns, region }, inside);
    // npm run rightsize reads these from the state.
    const metrics = shown.apply((all) => Object.fromEntries(all.map((each) => [each.name, sizingMetrics(each)])));
    this.registerOutputs({ dashboardUrl: this.dashboardUrl, metrics });
  }
}

const stackOf = (
  name: string,
  { routeAlarms, url, settings }: ObservabilityArgs,
  actions: Actions,
  inside: pulumi.ResourceOptions,
): MonitoredStack => ({
  name,
  workloads: routeAlarms.map(({ route }) => route.workload),
  loadBalancerArnSuffix: routeAlarms[0]?.route.loadBalancerArnSuffix ?? "",
  logNamespace: `${name}/${pulumi.getStack()}`,
  url,
  settings,
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

const logGroupsOf = ({ platforms }: ObservabilityArgs): LogGroup[] =>
  platforms.flatMap(({ target, logGroupName }) => (logGroupName === undefined ? [] : [{ target, name: logGroupName }]));
