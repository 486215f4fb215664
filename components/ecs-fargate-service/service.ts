import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { EcsApi } from "../aws/ecs";
import type { BoundsApi } from "../aws/scaling-bounds";
import type { Capacity } from "../core/capacity";
import type { Deployment, ServiceArgs } from "../core/deployment";
import type { Rollout } from "../core/rollout";
import type { Role } from "../iam/role";
import type { Cluster } from "./cluster";
import { ecsRollout } from "./rollout";
import { createScaling, type Enforce } from "./scaling";
import { createDiscoveryService, type DnsNamespace } from "./service-discovery";
import { containerName, createTaskDefinition } from "./task";

/** Shared by all services. */
interface Shared {
  readonly network: { readonly privateSubnetIds: pulumi.Input<string[]> };
  readonly region: string;
  readonly api: EcsApi & BoundsApi;
  readonly now?: () => Date;
  readonly cluster: Cluster;
  readonly logGroup: aws.cloudwatch.LogGroup;
  readonly executionRole: Role;
  readonly taskRole: Role;
  readonly securityGroup: aws.ec2.SecurityGroup;
  readonly dnsNamespace?: DnsNamespace;
  /** Resources that must exist before the first task starts and until the last one has stopped. */
  readonly needs: readonly pulumi.Resource[];
}

export function createService(
  name: string,
  args: ServiceArgs,
  shared: Shared,
  inside: pulumi.ResourceOptions,
): { readonly deployment: Deployment; readonly serviceName: pulumi.Output<string> } {
  const { workload, route, image } = args;
  const { spec, variant } = workload;
  const { cluster, dnsNamespace, api, now = () => new Date() } = shared;
  const roles = { executionRoleArn: shared.executionRole.arn, taskRoleArn: shared.taskRole.arn };
  const taskDefinition = createTaskDefinition(name, { ...shared, ...roles, spec, image }, inside);
  const registry =
    dnsNamespace && createDiscoveryService(name, { namespaceId: dnsNamespace.namespaceId, variant }, inside);
  const service = createEcsService(name, args, { taskDefinition, registry }, shared, inside);
  const enforce = createScaling(name, { spec, cluster, service, route, api, now }, inside);
  const deployment = {
    workload,
    resource: service,
    rollout: rolloutOf(service, taskDefinition, enforce, route, shared),
    utilization: utilizationMetrics(cluster, service),
    access: accessCommands(service, workload, shared),
  };
  return { deployment, serviceName: service.name };
}

/** The shell command is present only with `exec`: ECS refuses it otherwise. */
function accessCommands(
  service: aws.ecs.Service,
  { variant, spec }: ServiceArgs["workload"],
  { cluster, dnsNamespace, region, logGroup }: Shared,
) {
  const on = pulumi.interpolate`--region ${region} --cluster ${cluster.name}`;
  const task = pulumi.interpolate`$(aws ecs list-tasks ${on} --service-name ${service.name} --query 'taskArns[0]' --output text)`;
  return {
    cluster: cluster.name,
    logs: pulumi.interpolate`aws logs tail --follow --region ${region} ${logGroup.name}`,
    ...(dnsNamespace && { internalUrl: pulumi.output(`http://${variant}.${dnsNamespace.domain}:${spec.port}`) }),
    ...(spec.exec && {
      shell: pulumi.interpolate`aws ecs execute-command ${on} --task ${task} --container ${containerName} --interactive --command sh`,
    }),
  };
}

/** ECS itself reports CPU and memory of a service, free of charge; the count of tasks is Container Insights' own. */
function utilizationMetrics({ name: ClusterName, countsTasks }: Cluster, { name: ServiceName }: aws.ecs.Service) {
  const dimensions = { ClusterName, ServiceName };
  const replicas = { namespace: "ECS/ContainerInsights", metric: "RunningTaskCount", dimensions };
  return {
    ...(countsTasks && { replicas }),
    cpuPercent: { namespace: "AWS/ECS", metric: "CPUUtilization", dimensions },
    memoryPercent: { namespace: "AWS/ECS", metric: "MemoryUtilization", dimensions },
  };
}

function rolloutOf(
  service: aws.ecs.Service,
  taskDefinition: aws.ecs.TaskDefinition,
  enforce: pulumi.Output<Enforce>,
  { targetGroupArn }: ServiceArgs["route"],
  { cluster, api }: Shared,
): pulumi.Output<Rollout> {
  return pulumi
    .all([cluster.name, service.name, taskDefinition.arn, targetGroupArn, enforce])
    .apply(([clusterName, serviceName, taskDefinitionArn, groupArn, enforceBounds]) => {
      const declared = { clusterName, serviceName, taskDefinitionArn, targetGroupArn: groupArn };
      const report = (text: string) => pulumi.log.info(text, service);
      return ecsRollout(declared, enforceBounds, api, { report, limitSeconds: deploymentSeconds });
    });
}

/** Once the last task is healthy, ECS watches the alarms for some more periods before it completes the deployment. */
const deploymentSeconds = 1200;

interface Runs {
  readonly taskDefinition: aws.ecs.TaskDefinition;
  readonly registry?: aws.servicediscovery.Service;
}

function createEcsService(
  name: string,
  { workload: { spec }, route, firstReplicas, rollbackAlarmNames }: ServiceArgs,
  { taskDefinition, registry }: Runs,
  shared: Shared,
  inside: pulumi.ResourceOptions,
) {
  const { network } = shared;
  return new aws.ecs.Service(
    name,
    {
      cluster: shared.cluster.arn,
      taskDefinition: taskDefinition.arn,
      desiredCount: firstReplicas,
      capacityProviderStrategies: capacityProviders(spec.capacity),
      networkConfiguration: {
        subnets: network.privateSubnetIds,
        securityGroups: [shared.securityGroup.id],
        assignPublicIp: false,
      },
      loadBalancers: [{ targetGroupArn: route.targetGroupArn, containerName, containerPort: spec.port }],
      ...(registry && { serviceRegistries: { registryArn: registry.arn } }),
      deploymentMinimumHealthyPercent: 100,
      deploymentMaximumPercent: 200,
      deploymentCircuitBreaker: { enable: true, rollback: true },
      alarms: { enable: true, rollback: true, alarmNames: [...rollbackAlarmNames] },
      availabilityZoneRebalancing: "ENABLED",
      healthCheckGracePeriodSeconds: spec.startSeconds,
      enableExecuteCommand: spec.exec,
      enableEcsManagedTags: true,
      propagateTags: "SERVICE",
      // The hand-over of traffic waits instead: it reports why a deployment fails and leaves no half-created service behind.
      waitForSteadyState: false,
      // Otherwise the provider first sets desiredCount to 0, which fails once both rules have left the service's group for a new one.
      // ECS stops the tasks of a deleted service in the same way.
      forceDelete: true,
    },
    {
      ...inside,
      dependsOn: [...shared.needs],
      // Autoscaling owns the count once the service exists.
      ignoreChanges: ["desiredCount"],
      // An update in place would remove the tasks from the old group while requests still go there.
      replacementTrigger: route.targetGroupArn,
      customTimeouts: { create: "10m", update: "10m", delete: "20m" },
    },
  );
}

export function capacityProviders({ onDemandBase, onDemandWeight, spotWeight }: Capacity) {
  const onDemand = { capacityProvider: "FARGATE", base: onDemandBase, weight: onDemandWeight };
  const spot = { capacityProvider: "FARGATE_SPOT", weight: spotWeight };
  return [...(onDemandBase + onDemandWeight > 0 ? [onDemand] : []), ...(spotWeight > 0 ? [spot] : [])];
}
