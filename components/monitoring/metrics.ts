import type * as pulumi from "@pulumi/pulumi";
import type { UtilizationMetric } from "./alarm";

/** A metric on AWS. Some dimensions are known only once their resource exists. */
export interface PlatformMetric {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, pulumi.Input<string>>>;
}

/** The metrics of a deployment's replicas. Those that the platform does not publish are absent. */
export type Utilization = Readonly<Partial<Record<UtilizationMetric | "replicas", PlatformMetric>>>;

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
export const logMetrics = (namespace: string): MetricSource => metricsOf(namespace, {});

export const utilizationMetrics =
  (utilization: Utilization): MetricSource =>
  (metric) =>
    metric === "cpuPercent" || metric === "memoryPercent" ? utilization[metric] : undefined;

const metricsOf =
  (namespace: string, dimensions: PlatformMetric["dimensions"]): MetricSource =>
  (metric) => ({ namespace, metric, dimensions });
