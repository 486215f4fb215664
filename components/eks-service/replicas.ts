import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ServiceArgs } from "../core/deployment";
import { awake, boundsAt } from "../core/schedule";
import type { CapacityMix } from "./capacity";
import type { Cluster } from "./cluster";
import type { PodNamespace } from "./namespace";
import { podTemplate, portName } from "./pod";
import { createRequestScaling, requestTarget, scalesByRequests } from "./request-scaling";
import { fingerprint } from "./revisions";
import { createSchedule } from "./schedule";

/** A workload with what EKS needs to run it. */
export interface EksWorkload extends Pick<ServiceArgs, "workload" | "firstReplicas" | "rollbackAlarmNames"> {
  readonly route: ServiceArgs["route"];
  readonly image: Pick<ServiceArgs["image"], "reference" | "credentials">;
}

export interface ReplicasArgs extends EksWorkload {
  readonly image: EksWorkload["image"] & { readonly ofJobs: pulumi.Input<string> };
  readonly now: () => Date;
  readonly region: string;
  readonly cluster: Cluster;
  readonly podNamespace: PodNamespace;
  readonly mix: CapacityMix;
  /** Resources that must exist before the first pod. */
  readonly needs: readonly pulumi.Resource[];
}

export interface Replicas {
  readonly deployment: k8s.apps.v1.Deployment;
  readonly autoscaler: k8s.autoscaling.v2.HorizontalPodAutoscaler;
  /** The jobs that follow the schedule. */
  readonly schedule: readonly pulumi.Resource[];
  /** Identifies the declared pod template. */
  readonly version: pulumi.Output<string>;
}

/** A workload's Kubernetes resources, in the order in which they must exist: Service, target group binding, Deployment, autoscaler, what sets its bounds. */
export function createReplicas(name: string, args: ReplicasArgs, inside: pulumi.ResourceOptions): Replicas {
  const { cluster, region, route } = args;
  const within = { ...inside, provider: cluster.options.provider, dependsOn: [...cluster.options.dependsOn] };
  const labels = { app: "inference", variant: args.workload.id };
  const binding = bindTargetGroup(name, args, labels, within);
  const { podNamespace, workload } = args;
  const template = podTemplate({ ...args, ...podNamespace, spec: workload.spec, labels });
  const needs = [...args.needs, ...podNamespace.needs];
  const deployment = createDeployment(name, args, { labels, template }, { ...within, dependsOn: [binding, ...needs] });
  createBudget(name, args, labels, within);
  const autoscaler = createScaling(name, args, deployment, within);
  const { variant, spec } = workload;
  const scaled = { variant, spec, namespace: podNamespace.name, image: args.image.ofJobs, autoscaler };
  const schedule = createSchedule(name, { ...scaled, deployment }, within);
  createRequestScaling(name, { ...scaled, region, cluster, route, needs }, inside);
  const version = pulumi.output(template).apply(fingerprint);
  return { deployment, autoscaler, schedule, version };
}

type Labels = Readonly<Record<string, string>>;

function bindTargetGroup(name: string, args: ReplicasArgs, labels: Labels, within: pulumi.CustomResourceOptions) {
  const { cluster, podNamespace, workload, route } = args;
  const service = new k8s.core.v1.Service(
    name,
    {
      metadata: {
        namespace: podNamespace.name,
        // Callers inside the cluster use this name.
        name: workload.id,
        // The provider waits for a Service's pods: after a refresh while pods fail, the Deployment that fixes them would never run.
        annotations: { "pulumi.com/skipAwait": "true" },
      },
      spec: {
        type: "ClusterIP",
        selector: { ...labels },
        // By name: while container.port changes, old pods keep theirs
        // (https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports).
        ports: [{ port: 80, targetPort: portName, protocol: "TCP" }],
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
      spec: {
        targetGroupARN: route.targetGroupArn,
        targetType: "ip",
        serviceRef: { name: service.metadata.name, port: 80 },
      },
    },
    // The AWS Load Balancer Controller refuses to move a binding to another group.
    { ...within, replacementTrigger: route.targetGroupArn },
  );
}

/** How long a rollout may make no progress before Kubernetes calls it failed. */
const rolloutSeconds = 600;

interface Pods {
  readonly labels: Labels;
  readonly template: ReturnType<typeof podTemplate>;
}

function createDeployment(
  name: string,
  { podNamespace, firstReplicas }: ReplicasArgs,
  { labels, template }: Pods,
  within: pulumi.CustomResourceOptions,
) {
  return new k8s.apps.v1.Deployment(
    name,
    {
      metadata: {
        namespace: podNamespace.name,
        labels: { ...labels },
        // The traffic hand-over waits for the rollout instead: a failed one here would end the update before traffic could leave it.
        annotations: { "pulumi.com/skipAwait": "true" },
      },
      spec: {
        replicas: firstReplicas,
        progressDeadlineSeconds: rolloutSeconds,
        strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: "25%" } },
        selector: { matchLabels: { ...labels } },
        template,
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
  { podNamespace }: ReplicasArgs,
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
  { podNamespace, workload: { spec }, now }: ReplicasArgs,
  deployment: k8s.apps.v1.Deployment,
  within: pulumi.CustomResourceOptions,
) {
  const utilization = (resource: string, averageUtilization: number) => ({
    type: "Resource",
    resource: { name: resource, target: { type: "Utilization", averageUtilization } },
  });
  const first = awake(boundsAt(spec.schedule, spec.replicas, now()));
  const isScheduled = Object.keys(spec.schedule).length > 0;
  const othersSetBounds = isScheduled || scalesByRequests(spec);
  const { cpuPercent, memoryPercent, scaleOutCooldownSeconds, scaleInCooldownSeconds } = spec.scaling;
  return new k8s.autoscaling.v2.HorizontalPodAutoscaler(
    name,
    {
      metadata: {
        namespace: podNamespace.name,
        // The hand-over of traffic raises the minimum for a while under a name of its own; without force a later change would be a conflict
        // (https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/#handle-field-conflicts-on-existing-resources).
        annotations: { "pulumi.com/patchForce": "true", ...requestTarget(spec) },
      },
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: deployment.metadata.name },
        minReplicas: first.min,
        maxReplicas: first.max,
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
    // The jobs of the schedule and the request scaler change the bounds outside of Pulumi; every update sets those of the current time.
    { ...within, ignoreChanges: othersSetBounds ? ["spec.minReplicas", "spec.maxReplicas"] : [] },
  );
}
