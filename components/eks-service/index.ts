import * as aws from "@pulumi/aws";
import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Rollout } from "../core/rollout";
import type { Insights, ServiceSpec } from "../core/service-spec";
import { type Cluster, type ClusterArgs, clusterFor } from "./cluster";
import { kubeApi } from "./kube-api";
import { createNamespace, type PodNamespace } from "./namespace";
import { createNodePool } from "./node-pool";
import { createObservability } from "./observability";
import { eksRollout } from "./rollout";
import { createWorkload, type Workload } from "./workload";

export interface EksServiceArgs {
  readonly network: ClusterArgs["network"] & { gatewaySubnetCidrs(): pulumi.Input<readonly string[]> };
  readonly region: string;
  readonly clusterName: string;
  readonly connection: ClusterArgs["connection"];
  readonly eks: ClusterArgs["eks"];
  readonly spec: ServiceSpec;
  readonly variants: readonly EksVariant[];
  readonly spot: { readonly spotWeight: number };
  readonly gatewaySecurityGroupId: pulumi.Input<string>;
}

export interface EksVariant {
  readonly name: string;
  readonly image: { readonly reference: pulumi.Input<string> };
  readonly targetGroupArn: pulumi.Input<string>;
  readonly firstReplicas: pulumi.Input<number>;
}

export interface RunningOnEks {
  readonly variant: string;
  /** The public rule depends on it. */
  readonly resource: pulumi.Resource;
  readonly rollout: pulumi.Output<Rollout>;
  /** Commands and addresses, for the stack output `variants`. */
  readonly access: Readonly<Record<string, pulumi.Output<string>>>;
  /** The CloudWatch metrics of its pods. */
  readonly utilization: ReturnType<typeof utilizationMetrics>;
}

/** EKS: a cluster in Auto Mode or the one given, a namespace for the pods, and a deployment behind its target group for each variant. */
export class EksService extends pulumi.ComponentResource {
  /** Stack outputs. */
  readonly outputs: Readonly<Record<string, pulumi.Output<unknown>>>;
  readonly target = "eks";
  readonly running: readonly RunningOnEks[];
  readonly logGroupName?: pulumi.Output<string>;

  constructor(name: string, args: EksServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("inference:aws:EksService", name, {}, opts);
    const inside = { parent: this };
    const { spec, network, region, spot } = args;
    const cluster = clusterFor(name, args, inside);
    const paths = openPaths(name, args, cluster, inside);
    const podNamespace = createNamespace(
      name,
      { cluster, spec, region, callers: network.gatewaySubnetCidrs() },
      inside,
    );
    const pool = { cluster, architecture: spec.architecture, useSpot: spot.spotWeight > 0 };
    const needs: pulumi.Resource[] = [...paths];
    // The owner of an existing cluster decides on its nodes and its monitoring.
    if (cluster.own) {
      const nodePool = createNodePool(name, pool, inside);
      const observed = { cluster, own: cluster.own, nodePool, region, namespace: podNamespace.name, spec };
      const { logGroupName, addon } = createObservability(name, observed, inside);
      this.logGroupName = logGroupName;
      needs.push(nodePool, addon);
    }
    this.running = args.variants.map((variant) => {
      const workload = { ...variant, variant: variant.name, cluster, podNamespace, spec, needs };
      const made = createWorkload(`${name}-${variant.name}`, workload, inside);
      return {
        variant: variant.name,
        resource: made.deployment,
        rollout: rolloutOf(made, { cluster, podNamespace, spec }),
        access: accessCommands(made.deployment, variant, { cluster, podNamespace }),
        utilization: utilizationMetrics(cluster, podNamespace, variant.name, spec.insights),
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
  { spec, gatewaySecurityGroupId }: EksServiceArgs,
  cluster: Cluster,
  inside: pulumi.ResourceOptions,
) {
  const onPort = { ipProtocol: "tcp", fromPort: spec.port, toPort: spec.port };
  return [
    new aws.vpc.SecurityGroupIngressRule(
      `${name}-eks-requests`,
      {
        securityGroupId: cluster.securityGroupId,
        referencedSecurityGroupId: gatewaySecurityGroupId,
        ...onPort,
        description: "Requests",
      },
      inside,
    ),
    new aws.vpc.SecurityGroupEgressRule(
      `${name}-gateway-eks`,
      {
        securityGroupId: gatewaySecurityGroupId,
        referencedSecurityGroupId: cluster.securityGroupId,
        ...onPort,
        description: "EKS pods",
      },
      inside,
    ),
  ];
}

function accessCommands(
  deployment: k8s.apps.v1.Deployment,
  variant: EksVariant,
  { cluster, podNamespace }: { readonly cluster: Cluster; readonly podNamespace: PodNamespace },
) {
  const workload = pulumi.interpolate`deployment/${deployment.metadata.name}`;
  return {
    cluster: cluster.name,
    logs: pulumi.interpolate`kubectl -n ${podNamespace.name} logs -f ${workload}`,
    shell: pulumi.interpolate`kubectl -n ${podNamespace.name} exec -it ${workload} -- sh`,
    internalUrl: pulumi.interpolate`http://${variant.name}.${podNamespace.name}.svc.cluster.local`,
  };
}

interface Place {
  readonly cluster: Cluster;
  readonly podNamespace: PodNamespace;
  readonly spec: ServiceSpec;
}

/** A Rollout exposes nothing of the kubeconfig, so it needs no secret marking. */
function rolloutOf(
  { deployment, autoscaler }: Workload,
  { cluster, podNamespace, spec }: Place,
): pulumi.Output<Rollout> {
  const names = [podNamespace.name, deployment.metadata.name, autoscaler.metadata.name] as const;
  const made = pulumi
    .all([cluster.signedIn, ...names])
    .apply(([kubeconfig, namespace, deploymentName, autoscalerName]) => {
      const { min: minReplicas } = spec.replicas;
      const declared = { namespace, deployment: deploymentName, autoscaler: autoscalerName, minReplicas };
      return eksRollout(declared, kubeApi(kubeconfig), { tell: (text) => pulumi.log.info(text, deployment) });
    });
  return pulumi.unsecret(made);
}
