import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { ServiceSpec } from "../core/service-spec";
import type { Cluster } from "./cluster";
import type { PodNamespace } from "./namespace";
import { podTemplate } from "./pod";

export interface WorkloadArgs {
  readonly variant: string;
  readonly cluster: Cluster;
  readonly podNamespace: PodNamespace;
  /** Resources that must exist before the first pod. */
  readonly needs: readonly pulumi.Resource[];
  readonly spec: ServiceSpec;
  readonly image: { readonly reference: pulumi.Input<string> };
  readonly targetGroupArn: pulumi.Input<string>;
  /** Replicas to start with; scaling owns the count from then on. */
  readonly firstReplicas: pulumi.Input<number>;
}

export interface Workload {
  readonly deployment: k8s.apps.v1.Deployment;
  readonly autoscaler: k8s.autoscaling.v2.HorizontalPodAutoscaler;
}

/** A variant's pods, in the order in which they have to appear: name, place behind the load balancer, pods, scaling. */
export function createWorkload(name: string, args: WorkloadArgs, inside: pulumi.ResourceOptions): Workload {
  const { cluster } = args;
  const within = { ...inside, provider: cluster.options.provider, dependsOn: [...cluster.options.dependsOn] };
  const labels = { app: "inference", variant: args.variant };
  const binding = bindTargetGroup(name, args, labels, within);
  const deployment = createDeployment(name, args, labels, {
    ...within,
    dependsOn: [binding, ...args.needs, ...args.podNamespace.needs],
  });
  createBudget(name, args, labels, within);
  return { deployment, autoscaler: createScaling(name, args, deployment, within) };
}

type Labels = Readonly<Record<string, string>>;

function bindTargetGroup(name: string, args: WorkloadArgs, labels: Labels, within: pulumi.CustomResourceOptions) {
  const { cluster, podNamespace, spec, variant, targetGroupArn } = args;
  const service = new k8s.core.v1.Service(
    name,
    {
      metadata: {
        namespace: podNamespace.name,
        // Callers inside the cluster know the variant by this name.
        name: variant,
        // The provider waits for a Service's pods: after a refresh while pods fail, the Deployment that fixes them would never run.
        annotations: { "pulumi.com/skipAwait": "true" },
      },
      spec: {
        type: "ClusterIP",
        selector: { ...labels },
        ports: [{ port: 80, targetPort: spec.port, protocol: "TCP" }],
      },
    },
    within,
  );
  return new k8s.apiextensions.CustomResource(
    name,
    {
      apiVersion: cluster.controller.bindingApiVersion,
      kind: "TargetGroupBinding",
      metadata: { namespace: podNamespace.name },
      spec: { targetGroupARN: targetGroupArn, targetType: "ip", serviceRef: { name: service.metadata.name, port: 80 } },
    },
    // The AWS Load Balancer Controller refuses to move one to another group.
    { ...within, replacementTrigger: targetGroupArn },
  );
}

/** How long a rollout may make no progress before Kubernetes calls it failed. */
const rolloutSeconds = 600;

function createDeployment(name: string, args: WorkloadArgs, labels: Labels, within: pulumi.CustomResourceOptions) {
  const { podNamespace, firstReplicas } = args;
  return new k8s.apps.v1.Deployment(
    name,
    {
      metadata: {
        namespace: podNamespace.name,
        labels: { ...labels },
        // The hand-over of traffic awaits the rollout instead. Waited for here, one that fails would end the update before traffic could leave it.
        annotations: { "pulumi.com/skipAwait": "true" },
      },
      spec: {
        replicas: firstReplicas,
        progressDeadlineSeconds: rolloutSeconds,
        strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: "25%" } },
        selector: { matchLabels: { ...labels } },
        template: podTemplate({ ...args, ...podNamespace, labels }),
      },
    },
    {
      ...within,
      ignoreChanges: ["spec.replicas"],
    },
  );
}

function createBudget(
  name: string,
  { podNamespace }: WorkloadArgs,
  labels: Labels,
  within: pulumi.CustomResourceOptions,
) {
  new k8s.policy.v1.PodDisruptionBudget(
    name,
    {
      metadata: { namespace: podNamespace.name },
      spec: { maxUnavailable: 1, selector: { matchLabels: { ...labels } } },
    },
    within,
  );
}

/** The longest period that an HPA takes. */
const longestPeriod = 1800;

/** A cooldown on ECS delays the next step, never the first one: so it is the period of a policy here, not a stabilization window. */
function scaleUp(cooldownSeconds: number) {
  const periodSeconds = Math.min(Math.max(cooldownSeconds, 1), longestPeriod);
  return {
    stabilizationWindowSeconds: 0,
    selectPolicy: "Max",
    policies: [
      { type: "Percent", value: 100, periodSeconds },
      { type: "Pods", value: 4, periodSeconds },
    ],
  };
}

function createScaling(
  name: string,
  { podNamespace, spec }: WorkloadArgs,
  deployment: k8s.apps.v1.Deployment,
  within: pulumi.CustomResourceOptions,
) {
  const utilization = (resource: string, averageUtilization: number) => ({
    type: "Resource",
    resource: { name: resource, target: { type: "Utilization", averageUtilization } },
  });
  const { cpuPercent, memoryPercent, scaleOutCooldownSeconds, scaleInCooldownSeconds } = spec.scaling;
  return new k8s.autoscaling.v2.HorizontalPodAutoscaler(
    name,
    {
      metadata: {
        namespace: podNamespace.name,
        // The hand-over of traffic raises the minimum for a while under a name of its own; without force a later change would be a conflict
        // (https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/#handle-field-conflicts-on-existing-resources).
        annotations: { "pulumi.com/patchForce": "true" },
      },
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: deployment.metadata.name },
        minReplicas: spec.replicas.min,
        maxReplicas: spec.replicas.max,
        metrics: [
          utilization("cpu", cpuPercent),
          ...(memoryPercent === undefined ? [] : [utilization("memory", memoryPercent)]),
        ],
        behavior: {
          scaleUp: scaleUp(scaleOutCooldownSeconds),
          scaleDown: { stabilizationWindowSeconds: scaleInCooldownSeconds },
        },
      },
    },
    within,
  );
}
