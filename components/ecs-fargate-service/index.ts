import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { EcsApi } from "../aws/ecs";
import type { BoundsApi } from "../aws/scaling-bounds";
import type { Deployment, Platform, ServiceArgs } from "../core/deployment";
import type { GatewayGroup } from "../core/entrance";
import { onPort, untilTrafficMoved } from "../core/service-port";
import type { ServiceSpec } from "../core/service-spec";
import { sharedSpec } from "../core/workload";
import { clusterFor, type ExistingCluster } from "./cluster";
import { createEgressRules } from "./egress";
import { createExecutionRole, createTaskRole } from "./roles";
import { createService } from "./service";
import { createDnsNamespace } from "./service-discovery";
import { createNfsRule } from "./volumes";

export interface EcsFargateServiceArgs {
  readonly network: {
    readonly vpcId: pulumi.Input<string>;
    readonly privateSubnetIds: pulumi.Input<string[]>;
  };
  readonly region: string;
  /** Of the load balancer. */
  readonly gatewaySecurityGroups: readonly GatewayGroup[];
  readonly services: readonly ServiceArgs[];
  /** An existing cluster, instead of one that the program creates. */
  readonly cluster?: ExistingCluster;
  /** Security groups whose members may call the tasks without the load balancer. */
  readonly internalCallers: readonly string[];
  /** Reads the deployment, to detect a roll-back, and raises the number of tasks before a variant gains traffic. */
  readonly api: EcsApi & BoundsApi;
  /** The clock that decides which window of the schedule is open. */
  readonly now?: () => Date;
}

/** The stack outputs of ECS. */
export interface EcsOutputs {
  readonly ecsClusterName: pulumi.Output<string>;
  /** The service of each variant, by the variant's name. */
  readonly ecsServiceNames: pulumi.Output<Readonly<Record<string, string>>>;
  /** The CloudWatch log group of the tasks. */
  readonly logGroupName: pulumi.Output<string>;
}

/**
 * ECS on Fargate: one cluster or the one given, one set of roles, one log group, and a service for each workload. It costs the vCPU and GB hours of its
 * tasks, and their metrics and logs.
 *
 * @example
 * const services = [{ workload, route, image, firstReplicas: 2, rollbackAlarmNames: alarms.names }];
 * const service = new EcsFargateService("inference", { network, region, gatewaySecurityGroups, services, internalCallers: [], api });
 */
export class EcsFargateService extends pulumi.ComponentResource implements Platform<EcsOutputs> {
  /** Stack outputs. */
  readonly outputs: EcsOutputs;
  readonly target = "ecs";
  readonly deployments: readonly Deployment[];
  readonly logGroupName: pulumi.Output<string>;

  constructor(name: string, args: EcsFargateServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("inference:aws:EcsFargateService", name, {}, opts);
    const inside = { parent: this };
    const { services } = args;
    const spec = sharedSpec(services.map(({ workload }) => workload));
    if (spec.exec) {
      pulumi.log.warn(
        "exec is on: containers get a writable root file system, and a shell can be opened in them",
        this,
      );
    }
    const cluster = clusterFor(name, { insights: spec.insights, existing: args.cluster }, inside);
    const logGroup = new aws.cloudwatch.LogGroup(
      `${name}-ecs`,
      { retentionInDays: spec.logRetentionDays },
      { ...inside, retainOnDelete: spec.keepsLogs },
    );
    this.logGroupName = logGroup.name;
    const executionRole = createExecutionRole(
      name,
      { spec, images: services.map(({ image }) => image), logGroup },
      inside,
    );
    const taskRole = createTaskRole(name, { spec, region: args.region }, inside);
    const { securityGroup, rules } = createSecurityGroup(name, { ...args, spec }, inside);
    const callers = { network: args.network, port: spec.port, callers: args.internalCallers };
    const dnsNamespace = createDnsNamespace(name, { ...callers, securityGroupId: securityGroup.id }, inside);
    const needs = [...cluster.needs, ...executionRole.policies, ...taskRole.policies, ...rules];
    const shared = { ...args, cluster, logGroup, executionRole, taskRole, securityGroup, dnsNamespace, needs };

    const created = services.map((service) => createService(`${name}-${service.workload.id}`, service, shared, inside));
    this.deployments = created.map(({ deployment }) => deployment);
    this.outputs = {
      ecsClusterName: cluster.name,
      ecsServiceNames: pulumi.output(
        Object.fromEntries(created.map(({ deployment, serviceName }) => [deployment.workload.variant, serviceName])),
      ),
      logGroupName: this.logGroupName,
    };
    this.registerOutputs(this.outputs);
  }
}

interface SecurityGroupArgs extends Pick<EcsFargateServiceArgs, "network" | "gatewaySecurityGroups"> {
  readonly spec: Pick<ServiceSpec, "port" | "egress" | "volumes">;
}

/** Standalone rules only: an inline rule would reference a group of another target, and a flip could not delete that group. */
function createSecurityGroup(name: string, args: SecurityGroupArgs, inside: pulumi.ResourceOptions) {
  const { network, spec, gatewaySecurityGroups } = args;
  const securityGroup = new aws.ec2.SecurityGroup(
    `${name}-ecs`,
    { vpcId: network.vpcId, description: "Tasks: requests from the load balancer only" },
    inside,
  );
  const fromGateway = gatewaySecurityGroups.map(
    ({ id, suffix }) =>
      new aws.vpc.SecurityGroupIngressRule(
        `${name}-ecs-requests${suffix}`,
        {
          securityGroupId: securityGroup.id,
          referencedSecurityGroupId: id,
          ...onPort(spec.port),
          description: "Requests",
        },
        untilTrafficMoved(inside),
      ),
  );
  // What one group of the load balancer allows, all of them allow.
  const toTasks = gatewaySecurityGroups.slice(0, 1).map(
    ({ id, suffix }) =>
      new aws.vpc.SecurityGroupEgressRule(
        `${name}-gateway-ecs${suffix}`,
        {
          securityGroupId: id,
          referencedSecurityGroupId: securityGroup.id,
          ...onPort(spec.port),
          description: "ECS tasks",
        },
        untilTrafficMoved(inside),
      ),
  );
  const { egress, volumes } = spec;
  const outwards = createEgressRules(name, { securityGroupId: securityGroup.id, egress }, inside);
  const nfs = createNfsRule(name, { volumes, securityGroupId: securityGroup.id, vpcId: network.vpcId }, inside);
  return { securityGroup, rules: [...fromGateway, ...toTasks, ...outwards, ...nfs] };
}
