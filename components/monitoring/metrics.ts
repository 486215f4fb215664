import type * as pulumi from "@pulumi/pulumi";
import type { PlatformMetric, Utilization } from "../core/deployment";
import { type Log, logPatterns } from "./logs";

/** The target group of a variant. */
export interface MonitoredRoute {
  readonly targetGroupArnSuffix: pulumi.Input<string>;
  readonly loadBalancerArnSuffix: pulumi.Input<string>;
}

/** The metrics of one resource by name; undefined if nothing publishes that metric. */
export type MetricSource = (metric: string) => PlatformMetric | undefined;

export const targetGroupMetrics = ({ loadBalancerArnSuffix, targetGroupArnSuffix }: MonitoredRoute): MetricSource =>
  metricsOf("AWS/ApplicationELB", { LoadBalancer: loadBalancerArnSuffix, TargetGroup: targetGroupArnSuffix });

export const loadBalancerMetrics = (arnSuffix: pulumi.Input<string>): MetricSource =>
  metricsOf("AWS/ApplicationELB", { LoadBalancer: arnSuffix });

export const certificateMetrics = (arn: pulumi.Input<string>): MetricSource =>
  metricsOf("AWS/CertificateManager", { CertificateArn: arn });

export const healthCheckMetrics = (id: pulumi.Input<string>): MetricSource =>
  metricsOf("AWS/Route53", { HealthCheckId: id });

/** Metric filters count log lines into a namespace of the stack. */
export function logMetrics({ namespace, format }: Log): MetricSource {
  const counted = logPatterns(format);
  return (metric) => (counted.has(metric) ? { namespace, metric, dimensions: {} } : undefined);
}

export function utilizationMetrics(utilization: Utilization): MetricSource {
  const byName: Readonly<Record<string, PlatformMetric | undefined>> = { ...utilization };
  return (metric) => byName[metric];
}

const metricsOf =
  (namespace: string, dimensions: PlatformMetric["dimensions"]): MetricSource =>
  (metric) => ({ namespace, metric, dimensions });
