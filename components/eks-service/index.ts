import * as aws from "@pulumi/aws";
import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { alarmReader } from "../aws/cloudwatch";
import type { Deployment, Platform } from "../core/deployment";
import type { GatewayGroup } from "../core/entrance";
import type { NodeCpu } from "../core/node-cpu";
import type { Rollout } from "../core/rollout";
import { boundsAt, widestBounds } from "../core/schedule";
import { onPort, untilTrafficMoved } from "../core/service-port";
import type { Insights, ServiceSpec } from "../core/service-spec";
import { sharedSpec } from "../core/workload";
import { allOnDemand, capacityMix } from "./capacity";
import { type Cluster, type ClusterArgs, clusterFor } from "./cluster";
import { kubeApi } from "./kube-api";
import { createNamespace, type PodNamespace } from "./namespace";
import { createNodePools } from "./node-pool";
import { createObservability } from "./observability";
import { createReplicas, type EksWorkload, type Replicas } from "./replicas";
import { scalesByRequests } from "./request-scaling";
import { eksRollout } from "./rollout";

export interface EksServiceArgs {
  readonly network: ClusterArgs["network"] & { gatewaySubnetCidrs(): pulumi.Input<readonly string[]> };
  readonly region: string;
  readonly clusterName: string;
  readonly connection: ClusterArgs["connection"];
  readonly eks: ClusterArgs["eks"] & {
    readonly rollback: boolean;
    /** Of the nodes, in a cluster that the program creates. */
    readonly cpu: NodeCpu;
    /** Runs the jobs of a schedule and the request scaler, when the service's own image has no Node. */
    readonly jobImage?: string;
  };
  readonly services: readonly EksWorkload[];
  /** Of the load balancer. */
  readonly gatewaySecurityGroups: readonly GatewayGroup[];
  /** The clock that decides which window of the schedule is open. */
  readonly now?: () => Date;
}

/** The stack outputs of EKS. */
export interface EksOutputs {
  readonly eksClusterName: pulumi.Output<string>;
  /** The Kubernetes namespace of the pods. */
  readonly eksNamespace: pulumi.Output<string>;
  /** The CloudWatch log group of the pods. Absent on an existing cluster: its owner collects the logs. */
  readonly eksLogGroupName?: pulumi.Output<string>;
  /** Access to the cluster, as a secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** The command that gives kubectl access to the cluster. */
  readonly kubectlAccess: pulumi.Output<string>;
}

/**
 * EKS: a cluster in Auto Mode or the one given, a namespace for the pods, and a Deployment behind its target group for each workload. A new
 * cluster costs its control plane, its nodes with the Auto Mode fee, and their metrics and logs. It needs the AWS CLI to sign in.
 *
 * @example
 * const services = [{ workload, route, image, firstReplicas: 2, rollbackAlarmNames: alarms.names }];
 * const { eks } = defaultValues();
 * new EksService("inference", { network, region, clusterName: "models", connection, eks, services, gatewaySecurityGroups });
 */
export class EksService extends pulumi.ComponentResource implements Platform<EksOutputs> {
  /** Stack outputs. */
  readonly outputs: EksOutputs;
  readonly target = "eks";
  readonly deployments: readonly Deployment[];
  readonly logGroupName?: pulumi.Output<string>;

  constructor(name: string, args: EksServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("inference:aws:EksService", name, {}, opts);
    const inside = { parent: this };
    const { services, network, region, now = () => new Date() } = args;
    const spec = sharedSpec(services.map(({ workload }) => workload));
    const cluster = clusterFor(name, args, inside);
    const paths = openPaths(name, { ...args, spec }, cluster, inside);
    // The owner of an existing cluster decides on its nodes and its monitoring.
    const mix = cluster.own
      ? capacityMix(spec.capacity, widestBounds(spec.replicas, Object.values(spec.schedule)))
      : allOnDemand;
    const podNamespace = createNamespace(
      name,
      { cluster, spec, mix, region, callers: network.gatewaySubnetCidrs(), imageCredentials: signInOf(services) },
      inside,
    );
    const needs: pulumi.Resource[] = [...paths];
    if (cluster.own) {
      const pools = createNodePools(name, { cluster, spec, mix, cpu: args.eks.cpu }, inside);
      const [nodePool] = pools;
      const observed = { cluster, own: cluster.own, nodePool, region, namespace: podNamespace.name, spec };
      const { logGroupName, addon } = createObservability(name, observed, inside);
      this.logGroupName = logGroupName;
      needs.push(...pools, addon);
    }
    this.deployments = services.map((service) => {
      const { workload } = service;
      const image = { ...service.image, ofJobs: args.eks.jobImage ?? service.image.reference };
      const placed = { ...service, image, cluster, podNamespace, region, mix, needs, now };
      const made = createReplicas(`${name}-${workload.id}`, placed, inside);
      return {
        workload,
        resource: made.deployment,
        rollout: rolloutOf(made, service, { ...args, cluster, podNamespace, now }),
        utilization: utilizationMetrics(cluster, podNamespace, workload.id, workload.spec.insights),
        access: accessCommands(made.deployment, workload.id, { cluster, podNamespace }),
      };
    });
    this.outputs = {
      ...(this.logGroupName && { eksLogGroupName: this.logGroupName }),
      eksClusterName: cluster.name,
      eksNamespace: podNamespace.name,
      kubeconfig: cluster.kubeconfig,
      kubectlAccess: pulumi.interpolate`aws eks update-kubeconfig --region ${region} --name ${cluster.name}`,
    };
    this.registerOutputs(this.outputs);
  }
}

/** The settings allow one registry that needs a sign-in. */
const signInOf = (services: readonly EksWorkload[]) => services.flatMap(({ image }) => image.credentials ?? [])[0];

/** Container Insights groups a variant's pods by their Service. Without it there are no pod metrics. */
function utilizationMetrics(
  { name: ClusterName, own }: Cluster,
  podNamespace: PodNamespace,
  Service: string,
  insights: Insights,
) {
  if (own && insights === "off") return {};
  const dimensions = { ClusterName, Namespace: podNamespace.name, Service };
  const metric = (name: string) => ({ namespace: "ContainerInsights", metric: name, dimensions });
  return {
    replicas: metric("service_number_of_running_pods"),
    cpuPercent: metric("pod_cpu_utilization_over_pod_limit"),
    memoryPercent: metric("pod_memory_utilization_over_pod_limit"),
  };
}

/** Standalone rules on both sides: an inline one would keep EKS from deleting its own group. */
function openPaths(
  name: string,
  { spec, gatewaySecurityGroups }: Pick<EksServiceArgs, "gatewaySecurityGroups"> & { readonly spec: ServiceSpec },
  cluster: Cluster,
  inside: pulumi.ResourceOptions,
) {
  const fromGateway = gatewaySecurityGroups.map(
    ({ id, suffix }) =>
      new aws.vpc.SecurityGroupIngressRule(
        `${name}-eks-requests${suffix}`,
        {
          securityGroupId: cluster.securityGroupId,
          referencedSecurityGroupId: id,
          ...onPort(spec.port),
          description: "Requests",
        },
        untilTrafficMoved(inside),
      ),
  );
  // What one group of the load balancer allows, all of them allow.
  const toPods = gatewaySecurityGroups.slice(0, 1).map(
    ({ id, suffix }) =>
      new aws.vpc.SecurityGroupEgressRule(
        `${name}-gateway-eks${suffix}`,
        {
          securityGroupId: id,
          referencedSecurityGroupId: cluster.securityGroupId,
          ...onPort(spec.port),
          description: "EKS pods",
        },
        untilTrafficMoved(inside),
      ),
  );
  return [...fromGateway, ...toPods];
}

function accessCommands(
  deployment: k8s.apps.v1.Deployment,
  serviceName: string,
  { cluster, podNamespace }: PodLocation,
) {
  const workload = pulumi.interpolate`deployment/${deployment.metadata.name}`;
  return {
    cluster: cluster.name,
    logs: pulumi.interpolate`kubectl -n ${podNamespace.name} logs -f ${workload}`,
    shell: pulumi.interpolate`kubectl -n ${podNamespace.name} exec -it ${workload} -- sh`,
    internalUrl: pulumi.interpolate`http://${serviceName}.${podNamespace.name}.svc.cluster.local`,
  };
}

interface PodLocation {
  readonly cluster: Cluster;
  readonly podNamespace: PodNamespace;
}

interface RolloutPlace extends PodLocation, Pick<EksServiceArgs, "eks" | "connection"> {
  readonly now: () => Date;
}

/** A Rollout exposes nothing of the kubeconfig, so it needs no secret marking. */
function rolloutOf(
  { deployment, autoscaler, schedule, version }: Replicas,
  { workload: { spec }, rollbackAlarmNames }: EksWorkload,
  { cluster, podNamespace, eks, connection, now }: RolloutPlace,
): pulumi.Output<Rollout> {
  const names = [podNamespace.name, deployment.metadata.name, autoscaler.metadata.name] as const;
  // After its jobs are updated, so that no old one sets its bounds afterwards.
  const updated = pulumi.all(schedule.map(({ urn }) => urn)).apply(() => cluster.signedIn);
  const made = pulumi
    .all([updated, version, pulumi.all([...rollbackAlarmNames]), ...names])
    .apply(([kubeconfig, declaredVersion, alarmNames, namespace, deploymentName, autoscalerName]) => {
      const declared = {
        namespace,
        deployment: deploymentName,
        autoscaler: autoscalerName,
        bounds: () => boundsAt(spec.schedule, spec.replicas, now()),
        version: declaredVersion,
        rollback: eks.rollback,
        alarmNames,
        scalesByRequests: scalesByRequests(spec),
      };
      const api = { kube: kubeApi(kubeconfig), alarms: alarmReader(connection) };
      return eksRollout(declared, api, { report: (text) => pulumi.log.info(text, deployment) });
    });
  return pulumi.unsecret(made);
}
