import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { LogFormat } from "../core/container";
import { type DashboardVariant, dashboard, dashboardName } from "./dashboard";
import type { MonitoredVariant } from "./subjects";
import { body } from "./widgets";

export interface DashboardArgs {
  readonly variants: pulumi.Output<readonly DashboardVariant[]>;
  readonly logFormat: LogFormat;
  readonly alarmArns: readonly pulumi.Output<string>[];
  readonly region: string;
  readonly isShared: boolean;
}

/** What the dashboard shows of each variant. */
export function dashboardVariants(variants: readonly MonitoredVariant[]): pulumi.Output<readonly DashboardVariant[]> {
  return pulumi.output(
    variants.map(({ workload, route, deployment }) => ({
      name: workload.variant,
      target: workload.target,
      weight: workload.weight,
      loadBalancer: route.loadBalancerArnSuffix,
      targetGroup: route.targetGroupArnSuffix,
      utilization: deployment.utilization,
    })),
  );
}

/** Returns the address of the dashboard in the AWS console. */
export function createDashboard(name: string, args: DashboardArgs, inside: pulumi.ResourceOptions) {
  const { region, logFormat, isShared } = args;
  const title = dashboardName(name, pulumi.getStack());
  const dashboardBody = pulumi
    .all([args.variants, pulumi.output([...args.alarmArns])])
    .apply(([shown, alarmArns]) =>
      JSON.stringify(body(dashboard({ title, variants: shown, logFormat, alarmArns, isShared }), region)),
    );
  const created = new aws.cloudwatch.Dashboard(name, { dashboardName: title, dashboardBody }, inside);
  const console = `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}`;
  return pulumi.interpolate`${console}#dashboards/dashboard/${created.dashboardName}`;
}
