import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type BoundsApi, enforceBounds } from "../aws/scaling-bounds";
import { awake, awsCron, boundsAt, transitions } from "../core/schedule";
import type { ServiceSpec } from "../core/service-spec";

export interface ScalingArgs {
  readonly spec: ServiceSpec;
  readonly cluster: { readonly name: pulumi.Input<string> };
  readonly service: { readonly name: pulumi.Input<string> };
  readonly route: {
    readonly targetGroupArnSuffix: pulumi.Input<string>;
    readonly loadBalancerArnSuffix: pulumi.Input<string>;
  };
  readonly api: BoundsApi;
  readonly now: () => Date;
}

/** Sets the bounds of the current time on the scalable target. While a version is proven, a window with 0 replicas has one. */
export type Enforce = (version: "proving" | "proven") => Promise<void>;

export function createScaling(name: string, args: ScalingArgs, inside: pulumi.ResourceOptions): pulumi.Output<Enforce> {
  const { spec, cluster, service, route } = args;
  const scheduled = transitions(spec.schedule, spec.replicas);
  const first = boundsAt(spec.schedule, spec.replicas, args.now());
  const target = new aws.appautoscaling.Target(
    name,
    {
      serviceNamespace: "ecs",
      scalableDimension: "ecs:service:DesiredCount",
      resourceId: pulumi.interpolate`service/${cluster.name}/${service.name}`,
      minCapacity: first.min,
      maxCapacity: first.max,
    },
    // Scheduled actions change the bounds outside of Pulumi; enforceBounds sets those of the current time.
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
  const actions = scheduled.map((transition) => {
    const { min: minCapacity, max: maxCapacity, timeZone: timezone } = transition;
    return new aws.appautoscaling.ScheduledAction(
      `${name}-${transition.name}`,
      { ...scalable, schedule: awsCron(transition), timezone, scalableTargetAction: { minCapacity, maxCapacity } },
      inside,
    );
  });
  return enforcement(target, actions, args);
}

/** Runs after the scheduled actions are updated, so that no old one can set its bounds afterwards. */
function enforcement(
  target: aws.appautoscaling.Target,
  actions: readonly aws.appautoscaling.ScheduledAction[],
  { spec, api, now }: ScalingArgs,
): pulumi.Output<Enforce> {
  const registered = { resourceId: target.resourceId, ids: [target.id, ...actions.map(({ id }) => id)] };
  return pulumi.output(registered).apply(({ resourceId }) => async (version: Parameters<Enforce>[0]) => {
    const declared = boundsAt(spec.schedule, spec.replicas, now());
    const bounds = version === "proving" ? awake(declared) : declared;
    await enforceBounds(resourceId, bounds, api, (text) => pulumi.log.info(text, target));
  });
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
