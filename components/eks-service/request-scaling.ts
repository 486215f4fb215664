import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { ServiceArgs } from "../core/deployment";
import type { ServiceSpec } from "../core/service-spec";
import { createRole } from "../iam/role";
import type { Cluster } from "./cluster";
import { createIdentity } from "./identity";
import { targetKey } from "./in-cluster/minimum";
import { boundsOfAutoscaler, scriptAccount, scriptPod } from "./script-pod";

export interface RequestScalingArgs {
  readonly variant: string;
  readonly spec: Pick<ServiceSpec, "scaling" | "architecture">;
  readonly region: string;
  readonly cluster: Cluster;
  readonly namespace: pulumi.Input<string>;
  /** With Node in it. */
  readonly image: pulumi.Input<string>;
  readonly route: Pick<ServiceArgs["route"], "targetGroupArnSuffix" | "loadBalancerArnSuffix">;
  readonly autoscaler: k8s.autoscaling.v2.HorizontalPodAutoscaler;
  /** Resources that must exist before a pod. */
  readonly needs: readonly pulumi.Resource[];
}

type Scaling = Pick<ServiceSpec, "scaling">;

export const scalesByRequests = ({ scaling }: Scaling) => scaling.requestsPerMinutePerReplica !== undefined;

/** On the autoscaler: an update without the key removes it first, so the request scaler lets go before it is deleted. */
export const requestTarget = ({ scaling: { requestsPerMinutePerReplica: target } }: Scaling) =>
  target === undefined ? {} : { [targetKey]: String(target) };

/** As many as target tracking on ECS, or the stabilization window of the autoscaler where that is longer. */
const minutesOf = ({ scaling }: Scaling) => Math.max(15, Math.ceil(scaling.scaleInCooldownSeconds / 60));

/**
 * A pod that reads the requests of the target group every minute and sets the autoscaler's minimum. An autoscaler itself reads them only through an
 * adapter for the whole cluster. Without the pod the service scales on CPU and memory.
 */
export function createRequestScaling(name: string, args: RequestScalingArgs, inside: pulumi.ResourceOptions): void {
  const { variant, spec, cluster, namespace, autoscaler, needs } = args;
  if (!scalesByRequests(spec)) return;
  const within = { ...inside, provider: cluster.options.provider, dependsOn: [...cluster.options.dependsOn] };
  const rules = [boundsOfAutoscaler(autoscaler)];
  const { account, binding } = scriptAccount(`${name}-requests`, { namespace, rules }, within);
  const role = createRole(
    `${name}-requests`,
    {
      description: "Reads the requests of a target group",
      trusts: { service: "pods.eks.amazonaws.com", actions: ["sts:AssumeRole", "sts:TagSession"] },
      // CloudWatch takes no resource for it.
      statements: [{ actions: ["cloudwatch:GetMetricData"], resources: ["*"] }],
    },
    inside,
  );
  const serviceAccount = account.metadata.name;
  const identity = createIdentity(`${name}-requests`, { cluster, namespace, serviceAccount, role }, inside);
  const labels = { app: "inference-requests", variant };
  new k8s.apps.v1.StatefulSet(
    `${name}-requests`,
    {
      metadata: {
        namespace,
        name: `${variant}-requests`,
        // An update must not wait for a node of its own, nor fail with it.
        annotations: { "pulumi.com/skipAwait": "true" },
      },
      spec: {
        replicas: 1,
        // In order, a pod that fails would stop the update that fixes it (https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback).
        podManagementPolicy: "Parallel",
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: scalerPod(args, account) },
      },
    },
    { ...within, dependsOn: [binding, identity, ...needs] },
  );
}

function scalerPod(
  { spec, region, namespace, image, route, autoscaler }: RequestScalingArgs,
  account: k8s.core.v1.ServiceAccount,
) {
  const variables = {
    NAMESPACE: namespace,
    AUTOSCALER: autoscaler.metadata.name,
    REGION: region,
    CLOUDWATCH_URL: `https://monitoring.${region}.amazonaws.com`,
    TARGET_GROUP: route.targetGroupArnSuffix,
    LOAD_BALANCER: route.loadBalancerArnSuffix,
    MINUTES: String(minutesOf(spec)),
    EVERY_SECONDS: "60",
  };
  const size = { cpu: "50m", memory: "128Mi" };
  return scriptPod({ script: "scale-by-requests", image, architecture: spec.architecture, account, variables, size });
}
