import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { dashboard, dashboardName } from "./dashboard";
import type { MonitoredVariant } from "./subjects";
import { body } from "./widgets";

export interface DashboardArgs {
  readonly variants: readonly MonitoredVariant[];
  readonly alarmArns: readonly pulumi.Output<string>[];
  readonly region: string;
}

/** Returns the address of the dashboard in the AWS console. */
export function createDashboard(name: string, args: DashboardArgs, inside: pulumi.ResourceOptions) {
  const { region } = args;
  const title = dashboardName(name, pulumi.getStack());
  const variants = args.variants.map(({ workload, route, deployment }) => ({
    name: workload.variant,
    target: workload.target,
    weight: workload.weight,
    loadBalancer: route.loadBalancerArnSuffix,
    targetGroup: route.targetGroupArnSuffix,
    utilization: deployment.utilization,
  }));
  const dashboardBody = pulumi
    .all([variants, args.alarmArns])
    .apply(([shown, alarmArns]) => JSON.stringify(body(dashboard({ title, variants: shown, alarmArns }), region)));
  const created = new aws.cloudwatch.Dashboard(name, { dashboardName: title, dashboardBody }, inside);
  const console = `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}`;
  return pulumi.interpolate`${console}#dashboards/dashboard/${created.dashboardName}`;
}
