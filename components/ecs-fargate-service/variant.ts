import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { EcsApi } from "../aws/ecs";
import type { BoundsApi } from "../aws/scaling-bounds";
import type { Rollout } from "../core/rollout";
import type { Insights, ServiceSpec } from "../core/service-spec";
import type { Role } from "../iam/role";
import { ecsRollout } from "./rollout";
import { createScaling, type Enforce } from "./scaling";
import { createDiscoveryService, type DnsNamespace } from "./service-discovery";
import { containerName, createTaskDefinition, type TaskImage } from "./task";

/** Where a variant takes its requests from, and what it runs. */
export interface EcsVariant {
  readonly name: string;
  readonly image: TaskImage;
  readonly firstReplicas: pulumi.Input<number>;
  readonly targetGroupArn: pulumi.Input<string>;
  readonly targetGroupArnSuffix: pulumi.Input<string>;
  readonly loadBalancerArnSuffix: pulumi.Input<string>;
  /** ECS rolls a deployment back when one of these alarms fires during it. */
  readonly rollbackAlarmNames: readonly pulumi.Input<string>[];
}

export interface Spot {
  readonly onDemandBase: number;
  readonly onDemandWeight: number;
  readonly spotWeight: number;
}

export interface RunningOnEcs {
  readonly variant: string;
  readonly serviceName: pulumi.Output<string>;
  /** The CloudWatch metrics of its tasks. */
  readonly utilization: ReturnType<typeof utilizationMetrics>;
  /** The public rule depends on it. */
  readonly resource: pulumi.Resource;
  readonly rollout: pulumi.Output<Rollout>;
  /** Commands and addresses, for the stack output `variants`. */
  readonly access: Readonly<Record<string, pulumi.Output<string>>>;
}

/** What the variants have in common. */
interface Shared {
  readonly network: { readonly privateSubnetIds: pulumi.Input<string[]> };
  readonly region: string;
  readonly spec: ServiceSpec;
  readonly spot: Spot;
  readonly api: EcsApi & BoundsApi;
  readonly now?: () => Date;
  readonly cluster: aws.ecs.Cluster;
  readonly logGroup: aws.cloudwatch.LogGroup;
  readonly executionRole: Role;
  readonly taskRole: Role;
  readonly securityGroup: aws.ec2.SecurityGroup;
  readonly dnsNamespace?: DnsNamespace;
  /** Resources that must exist before the first task starts and until the last one has stopped. */
  readonly needs: readonly pulumi.Resource[];
}

export function createVariant(
  name: string,
  variant: EcsVariant,
  shared: Shared,
  inside: pulumi.ResourceOptions,
): RunningOnEcs {
  const { spec, cluster } = shared;
  const roles = { executionRoleArn: shared.executionRole.arn, taskRoleArn: shared.taskRole.arn };
  const taskDefinition = createTaskDefinition(name, { ...shared, ...roles, image: variant.image }, inside);
  const registry =
    shared.dnsNamespace &&
    createDiscoveryService(name, { namespaceId: shared.dnsNamespace.namespaceId, variant: variant.name }, inside);
  const service = createService(name, variant, { taskDefinition, registry }, shared, inside);
  const { api, now = () => new Date() } = shared;
  const enforce = createScaling(name, { spec, cluster, service, route: variant, api, now }, inside);
  return {
    variant: variant.name,
    serviceName: service.name,
    utilization: utilizationMetrics(cluster, service, spec.insights),
    resource: service,
    rollout: rolloutOf(service, taskDefinition, enforce, variant, shared),
    access: accessCommands(service, variant, shared),
  };
}

/** A shell needs `exec`; without it the command would only say so. */
function accessCommands(
  service: aws.ecs.Service,
  variant: EcsVariant,
  { cluster, dnsNamespace, spec, region, logGroup }: Shared,
) {
  const on = pulumi.interpolate`--region ${region} --cluster ${cluster.name}`;
  const task = pulumi.interpolate`$(aws ecs list-tasks ${on} --service-name ${service.name} --query 'taskArns[0]' --output text)`;
  return {
    cluster: cluster.name,
    logs: pulumi.interpolate`aws logs tail --follow --region ${region} ${logGroup.name}`,
    ...(dnsNamespace && { internalUrl: pulumi.output(`http://${variant.name}.${dnsNamespace.domain}:${spec.port}`) }),
    ...(spec.exec && {
      shell: pulumi.interpolate`aws ecs execute-command ${on} --task ${task} --container ${containerName} --interactive --command sh`,
    }),
  };
}

/** ECS itself reports CPU and memory of a service, free of charge; the count of tasks is Container Insights' own. */
function utilizationMetrics(
  { name: ClusterName }: aws.ecs.Cluster,
  { name: ServiceName }: aws.ecs.Service,
  insights: Insights,
) {
  const dimensions = { ClusterName, ServiceName };
  const replicas = { namespace: "ECS/ContainerInsights", metric: "RunningTaskCount", dimensions };
  return {
    ...(insights !== "off" && { replicas }),
    cpuPercent: { namespace: "AWS/ECS", metric: "CPUUtilization", dimensions },
    memoryPercent: { namespace: "AWS/ECS", metric: "MemoryUtilization", dimensions },
  };
}

function rolloutOf(
  service: aws.ecs.Service,
  taskDefinition: aws.ecs.TaskDefinition,
  enforce: pulumi.Output<Enforce>,
  variant: EcsVariant,
  { cluster, api }: Shared,
): pulumi.Output<Rollout> {
  return pulumi
    .all([cluster.name, service.name, taskDefinition.arn, variant.targetGroupArn, enforce])
    .apply(([clusterName, serviceName, taskDefinitionArn, targetGroupArn, enforceBounds]) => {
      const declared = { clusterName, serviceName, taskDefinitionArn, targetGroupArn };
      const tell = (text: string) => pulumi.log.info(text, service);
      return ecsRollout(declared, enforceBounds, api, { tell, limitSeconds: deploymentSeconds });
    });
}

/** After the last task is healthy ECS goes on watching the alarms for some periods of theirs before it calls a deployment completed. */
const deploymentSeconds = 1200;

/** From a new task to its first healthy answer, with a model fetched from S3 on the way. */
const gracePeriodSeconds = 120;

interface Runs {
  readonly taskDefinition: aws.ecs.TaskDefinition;
  readonly registry?: aws.servicediscovery.Service;
}

function createService(
  name: string,
  variant: EcsVariant,
  { taskDefinition, registry }: Runs,
  shared: Shared,
  inside: pulumi.ResourceOptions,
) {
  const { spec, network } = shared;
  return new aws.ecs.Service(
    name,
    {
      cluster: shared.cluster.arn,
      taskDefinition: taskDefinition.arn,
      desiredCount: variant.firstReplicas,
      capacityProviderStrategies: capacity(shared.spot),
      networkConfiguration: {
        subnets: network.privateSubnetIds,
        securityGroups: [shared.securityGroup.id],
        assignPublicIp: false,
      },
      loadBalancers: [{ targetGroupArn: variant.targetGroupArn, containerName, containerPort: spec.port }],
      ...(registry && { serviceRegistries: { registryArn: registry.arn } }),
      deploymentMinimumHealthyPercent: 100,
      deploymentMaximumPercent: 200,
      deploymentCircuitBreaker: { enable: true, rollback: true },
      alarms: { enable: true, rollback: true, alarmNames: [...variant.rollbackAlarmNames] },
      availabilityZoneRebalancing: "ENABLED",
      healthCheckGracePeriodSeconds: gracePeriodSeconds,
      enableExecuteCommand: spec.exec,
      enableEcsManagedTags: true,
      propagateTags: "SERVICE",
      // The hand-over of traffic waits instead: it reports why a deployment fails and leaves no half-created service behind.
      waitForSteadyState: false,
    },
    {
      ...inside,
      dependsOn: [...shared.needs],
      // Scaling owns the count once the service exists.
      ignoreChanges: ["desiredCount"],
      // An update in place would remove the tasks from the old group while requests still go there.
      replacementTrigger: variant.targetGroupArn,
      customTimeouts: { create: "10m", update: "10m", delete: "20m" },
    },
  );
}

function capacity({ onDemandBase, onDemandWeight, spotWeight }: Spot) {
  const onDemand = { capacityProvider: "FARGATE", base: onDemandBase, weight: onDemandWeight };
  const spot = { capacityProvider: "FARGATE_SPOT", weight: spotWeight };
  return [...(onDemandBase + onDemandWeight > 0 ? [onDemand] : []), ...(spotWeight > 0 ? [spot] : [])];
}
