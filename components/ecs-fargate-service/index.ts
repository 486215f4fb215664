import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { ServiceSpec } from "../service-spec";
import { type EcsReader, untilReady } from "./ready";
import { createExecutionRole, createTaskRole } from "./roles";
import { createScaling } from "./scaling";
import { createTaskDefinition, type TaskImage } from "./task";

export interface EcsFargateServiceArgs {
  readonly network: {
    readonly vpcId: pulumi.Input<string>;
    readonly privateSubnetIds: pulumi.Input<string[]>;
  };
  readonly region: string;
  readonly spec: ServiceSpec;
  readonly image: TaskImage;
  readonly routes: readonly EcsRoute[];
  readonly spot: Spot;
  /** Reads what runs, to tell a deployment that worked from one that was rolled back. */
  readonly reader: EcsReader;
}

/** Where a variant takes its requests from. */
export interface EcsRoute {
  readonly variant: string;
  readonly targetGroupArn: pulumi.Input<string>;
  readonly targetGroupArnSuffix: pulumi.Input<string>;
  readonly loadBalancerArnSuffix: pulumi.Input<string>;
  readonly gatewaySecurityGroupId: pulumi.Input<string>;
}

export interface Spot {
  readonly onDemandBase: number;
  readonly onDemandWeight: number;
  readonly spotWeight: number;
}

export interface RunningOnEcs {
  readonly variant: string;
  readonly serviceName: pulumi.Output<string>;
  readonly taskDefinitionArn: pulumi.Output<string>;
  /** The service, once it runs the declared version; rejects with the reason when that version was rolled back. */
  readonly ready: pulumi.Output<pulumi.Resource>;
}

/** ECS on Fargate: one cluster, one set of roles, one log group, and a service for each variant. */
export class EcsFargateService extends pulumi.ComponentResource {
  readonly clusterName: pulumi.Output<string>;
  readonly logGroupName: pulumi.Output<string>;
  /** By variant. */
  readonly serviceNames: pulumi.Output<Record<string, string>>;
  readonly running: readonly RunningOnEcs[];

  constructor(name: string, args: EcsFargateServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("inference:aws:EcsFargateService", name, {}, opts);
    const inside = { parent: this };
    if (args.spec.exec) {
      pulumi.log.warn("exec is on: containers get a writable root file system and a way in for a shell", this);
    }
    const cluster = createCluster(name, inside);
    const logGroup = new aws.cloudwatch.LogGroup(
      `${name}-ecs`,
      { retentionInDays: args.spec.logRetentionDays },
      inside,
    );
    const executionRole = createExecutionRole(name, { ...args, logGroup }, inside);
    const taskRole = createTaskRole(name, args.spec, inside);
    const securityGroup = createSecurityGroup(name, args, inside);

    this.running = args.routes.map((route) => {
      const taskDefinition = createTaskDefinition(
        `${name}-${route.variant}`,
        { ...args, logGroup, executionRoleArn: executionRole.arn, taskRoleArn: taskRole.arn },
        inside,
      );
      const needs = [cluster.capacity, ...executionRole.policies, ...taskRole.policies, ...securityGroup.rules];
      return createRunning(
        name,
        args,
        { route, cluster: cluster.cluster, taskDefinition, securityGroup: securityGroup.group, needs },
        inside,
      );
    });
    this.clusterName = cluster.cluster.name;
    this.serviceNames = pulumi.output(Object.fromEntries(this.running.map((one) => [one.variant, one.serviceName])));
    this.logGroupName = logGroup.name;
    this.registerOutputs({ clusterName: this.clusterName, logGroupName: this.logGroupName });
  }
}

function createCluster(name: string, inside: pulumi.ResourceOptions) {
  const cluster = new aws.ecs.Cluster(name, { settings: [{ name: "containerInsights", value: "enhanced" }] }, inside);
  const capacity = new aws.ecs.ClusterCapacityProviders(
    name,
    { clusterName: cluster.name, capacityProviders: ["FARGATE", "FARGATE_SPOT"] },
    inside,
  );
  return { cluster, capacity };
}

/** Standalone rules only: an inline one would hold on to a group of another target that a flip wants to delete. */
function createSecurityGroup(
  name: string,
  { network, spec, routes }: EcsFargateServiceArgs,
  inside: pulumi.ResourceOptions,
) {
  const group = new aws.ec2.SecurityGroup(
    `${name}-ecs`,
    { vpcId: network.vpcId, description: "Tasks: requests from the load balancer only" },
    inside,
  );
  const [route] = routes;
  if (!route) return { group, rules: [] };
  const onPort = { ipProtocol: "tcp", fromPort: spec.port, toPort: spec.port };
  const fromGateway = new aws.vpc.SecurityGroupIngressRule(
    `${name}-ecs-requests`,
    {
      securityGroupId: group.id,
      referencedSecurityGroupId: route.gatewaySecurityGroupId,
      ...onPort,
      description: "Requests",
    },
    inside,
  );
  const toTasks = new aws.vpc.SecurityGroupEgressRule(
    `${name}-gateway-ecs`,
    {
      securityGroupId: route.gatewaySecurityGroupId,
      referencedSecurityGroupId: group.id,
      ...onPort,
      description: "ECS tasks",
    },
    inside,
  );
  const toServices = new aws.vpc.SecurityGroupEgressRule(
    `${name}-ecs-https`,
    {
      securityGroupId: group.id,
      cidrIpv4: "0.0.0.0/0",
      ipProtocol: "tcp",
      fromPort: 443,
      toPort: 443,
      description: "Images, logs, secrets, models",
    },
    inside,
  );
  return { group, rules: [fromGateway, toTasks, toServices] };
}

interface Parts {
  readonly route: EcsRoute;
  readonly cluster: aws.ecs.Cluster;
  readonly taskDefinition: aws.ecs.TaskDefinition;
  readonly securityGroup: aws.ec2.SecurityGroup;
  /** What has to be there before the first task and has to stay until the last one is gone. */
  readonly needs: readonly pulumi.Resource[];
}

function createRunning(
  name: string,
  args: EcsFargateServiceArgs,
  parts: Parts,
  inside: pulumi.ResourceOptions,
): RunningOnEcs {
  const { route, cluster, taskDefinition } = parts;
  const service = createService(`${name}-${route.variant}`, args, parts, inside);
  createScaling(`${name}-${route.variant}`, { spec: args.spec, cluster, service, route }, inside);
  return {
    variant: route.variant,
    serviceName: service.name,
    taskDefinitionArn: taskDefinition.arn,
    ready: pulumi
      .all([cluster.name, service.name, taskDefinition.arn, route.targetGroupArn])
      .apply(async ([clusterName, serviceName, taskDefinitionArn, targetGroupArn]): Promise<pulumi.Resource> => {
        if (!pulumi.runtime.isDryRun()) {
          const declared = {
            clusterName,
            serviceName,
            taskDefinitionArn,
            targetGroupArn,
            minimum: args.spec.replicas.min,
          };
          await untilReady(declared, args.reader, { tell: (text) => pulumi.log.info(text, service) });
        }
        return service;
      }),
  };
}

/** From a new task to its first healthy answer, with a model fetched from S3 on the way. */
const gracePeriodSeconds = 120;

function createService(name: string, args: EcsFargateServiceArgs, parts: Parts, inside: pulumi.ResourceOptions) {
  const { spec, network } = args;
  return new aws.ecs.Service(
    name,
    {
      cluster: parts.cluster.arn,
      taskDefinition: parts.taskDefinition.arn,
      desiredCount: spec.replicas.min,
      capacityProviderStrategies: capacity(args.spot),
      networkConfiguration: {
        subnets: network.privateSubnetIds,
        securityGroups: [parts.securityGroup.id],
        assignPublicIp: false,
      },
      loadBalancers: [
        { targetGroupArn: parts.route.targetGroupArn, containerName: "inference", containerPort: spec.port },
      ],
      deploymentMinimumHealthyPercent: 100,
      deploymentMaximumPercent: 200,
      deploymentCircuitBreaker: { enable: true, rollback: true },
      availabilityZoneRebalancing: "ENABLED",
      healthCheckGracePeriodSeconds: gracePeriodSeconds,
      enableExecuteCommand: spec.exec,
      enableEcsManagedTags: true,
      propagateTags: "SERVICE",
      // `ready` awaits the steady state instead: it can say why there is none, and leaves no half-created service behind.
      waitForSteadyState: false,
    },
    {
      ...inside,
      dependsOn: [...parts.needs],
      // Scaling owns the count once the service exists.
      ignoreChanges: ["desiredCount"],
      customTimeouts: { create: "10m", update: "10m", delete: "20m" },
    },
  );
}

function capacity({ onDemandBase, onDemandWeight, spotWeight }: Spot) {
  const onDemand = { capacityProvider: "FARGATE", base: onDemandBase, weight: onDemandWeight };
  const spot = { capacityProvider: "FARGATE_SPOT", weight: spotWeight };
  return [...(onDemandBase + onDemandWeight > 0 ? [onDemand] : []), ...(spotWeight > 0 ? [spot] : [])];
}
