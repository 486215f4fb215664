import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { cron, transitions } from "../schedule";
import type { ServiceSpec } from "../service-spec";

export interface ScalingArgs {
  readonly spec: ServiceSpec;
  readonly cluster: { readonly name: pulumi.Input<string> };
  readonly service: { readonly name: pulumi.Input<string> };
  readonly route: {
    readonly targetGroupArnSuffix: pulumi.Input<string>;
    readonly loadBalancerArnSuffix: pulumi.Input<string>;
  };
}

export function createScaling(
  name: string,
  { spec, cluster, service, route }: ScalingArgs,
  inside: pulumi.ResourceOptions,
) {
  const scheduled = transitions(spec.schedule, spec.replicas);
  const target = new aws.appautoscaling.Target(
    name,
    {
      serviceNamespace: "ecs",
      scalableDimension: "ecs:service:DesiredCount",
      resourceId: pulumi.interpolate`service/${cluster.name}/${service.name}`,
      minCapacity: spec.replicas.min,
      maxCapacity: spec.replicas.max,
    },
    // With a schedule the bounds belong to it: an update in the middle of a window must not end the window.
    { ...inside, ignoreChanges: scheduled.length > 0 ? ["minCapacity", "maxCapacity"] : [] },
  );
  const scalable = {
    serviceNamespace: target.serviceNamespace,
    scalableDimension: target.scalableDimension,
    resourceId: target.resourceId,
  };
  for (const { subject, targetValue, metric } of tracked(spec, route)) {
    new aws.appautoscaling.Policy(
      `${name}-${subject}`,
      {
        ...scalable,
        policyType: "TargetTrackingScaling",
        targetTrackingScalingPolicyConfiguration: {
          targetValue,
          predefinedMetricSpecification: metric,
          scaleOutCooldown: spec.scaling.scaleOutCooldownSeconds,
          scaleInCooldown: spec.scaling.scaleInCooldownSeconds,
        },
      },
      inside,
    );
  }
  for (const transition of scheduled) {
    const { min: minCapacity, max: maxCapacity, timeZone: timezone } = transition;
    new aws.appautoscaling.ScheduledAction(
      `${name}-${transition.name}`,
      { ...scalable, schedule: cron(transition), timezone, scalableTargetAction: { minCapacity, maxCapacity } },
      inside,
    );
  }
}

function tracked({ scaling }: ServiceSpec, route: ScalingArgs["route"]) {
  const label = pulumi.interpolate`${route.loadBalancerArnSuffix}/${route.targetGroupArnSuffix}`;
  return [
    {
      subject: "cpu",
      targetValue: scaling.cpuPercent,
      metric: { predefinedMetricType: "ECSServiceAverageCPUUtilization" },
    },
    {
      subject: "memory",
      targetValue: scaling.memoryPercent,
      metric: { predefinedMetricType: "ECSServiceAverageMemoryUtilization" },
    },
    {
      subject: "requests",
      targetValue: scaling.requestsPerMinutePerReplica,
      metric: { predefinedMetricType: "ALBRequestCountPerTarget", resourceLabel: label },
    },
  ].flatMap(({ targetValue, ...rest }) => (targetValue === undefined ? [] : [{ targetValue, ...rest }]));
}
