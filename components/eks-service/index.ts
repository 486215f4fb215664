import * as aws from "@pulumi/aws";
import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type Patience, type TargetReader, untilHealthy } from "../healthy";
import type { Insights, ServiceSpec } from "../service-spec";
import { type Cluster, type ClusterArgs, clusterFor } from "./cluster";
import { createHome, type Home } from "./home";
import { createMachines } from "./machines";
import { createObservability } from "./observability";
import { createWorkload } from "./workload";

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
  /** Counts what is healthy behind the load balancer before traffic moves there. */
  readonly reader: TargetReader;
}

export interface EksVariant {
  readonly name: string;
  readonly image: { readonly reference: pulumi.Input<string> };
  readonly targetGroupArn: pulumi.Input<string>;
  readonly firstReplicas: pulumi.Input<number>;
}

export interface RunningOnEks {
  readonly variant: string;
  /** The deployment, once enough of its pods are healthy behind the load balancer. */
  readonly ready: pulumi.Output<pulumi.Resource>;
  /** For a person or a caller inside. */
  readonly found: Readonly<Record<string, pulumi.Output<string>>>;
  /** What its pods use, as CloudWatch names it. */
  readonly use: ReturnType<typeof usedBy>;
}

/** EKS: a cluster in Auto Mode or the one given, a home for the pods, and a deployment behind its target group for each variant. */
export class EksService extends pulumi.ComponentResource {
  /** What a person needs to find it. */
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
    const home = createHome(name, { cluster, spec, region, callers: network.gatewaySubnetCidrs() }, inside);
    const pool = { cluster, architecture: spec.architecture, useSpot: spot.spotWeight > 0 };
    const needs: pulumi.Resource[] = [...paths];
    // The owner of an existing cluster decides on its nodes and its monitoring.
    if (cluster.own) {
      const machines = createMachines(name, pool, inside);
      const observed = { cluster, own: cluster.own, machines, region, namespace: home.namespace, spec };
      const { logGroupName, addon } = createObservability(name, observed, inside);
      this.logGroupName = logGroupName;
      needs.push(machines, addon);
    }
    this.running = args.variants.map((variant) => {
      const workload = { ...variant, variant: variant.name, cluster, home, spec, needs };
      const deployment = createWorkload(`${name}-${variant.name}`, workload, inside);
      const ready = whenHealthy(deployment, variant, args.reader);
      const found = whereToLook(deployment, variant, { cluster, home });
      return { variant: variant.name, ready, found, use: usedBy(cluster, home, variant.name, spec.insights) };
    });
    this.outputs = {
      ...(this.logGroupName && { eksLogGroupName: this.logGroupName }),
      eksClusterName: cluster.name,
      eksNamespace: home.namespace,
      kubeconfig: cluster.kubeconfig,
      kubectlAccess: pulumi.interpolate`aws eks update-kubeconfig --region ${region} --name ${cluster.name}`,
    };
    this.registerOutputs(this.outputs);
  }
}

/** Container Insights knows a variant's pods by the Service in front of them; nothing else measures pods. */
function usedBy({ name: ClusterName, own }: Cluster, { namespace }: Home, Service: string, insights: Insights) {
  if (own && insights === "off") return {};
  const dimensions = { ClusterName, Namespace: namespace, Service };
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

function whereToLook(
  deployment: k8s.apps.v1.Deployment,
  variant: EksVariant,
  { cluster, home }: { readonly cluster: Cluster; readonly home: Home },
) {
  const workload = pulumi.interpolate`deployment/${deployment.metadata.name}`;
  return {
    cluster: cluster.name,
    logs: pulumi.interpolate`kubectl -n ${home.namespace} logs -f ${workload}`,
    shell: pulumi.interpolate`kubectl -n ${home.namespace} exec -it ${workload} -- sh`,
    internalUrl: pulumi.interpolate`http://${variant.name}.${home.namespace}.svc.cluster.local`,
  };
}

/** The provider has already waited for the rollout, and failed with what its pods say when there was none. */
function whenHealthy(deployment: pulumi.CustomResource, variant: EksVariant, reader: TargetReader) {
  return pulumi
    .all([deployment.id, variant.targetGroupArn, variant.firstReplicas])
    .apply(async ([id, targetGroupArn, needed]): Promise<pulumi.Resource> => {
      const patience: Patience = { tell: (text) => pulumi.log.info(text, deployment) };
      if (!pulumi.runtime.isDryRun()) await untilHealthy({ subject: id, targetGroupArn, needed }, reader, patience);
      return deployment;
    });
}
