import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { kubernetesCron, minutesToOtherBounds, type Transition, transitions } from "../core/schedule";
import type { ServiceSpec } from "../core/service-spec";
import { shortName } from "../core/short-name";
import { boundsOfAutoscaler, scriptAccount, scriptPod } from "./script-pod";

export interface ScheduleArgs {
  readonly variant: string;
  readonly spec: Pick<ServiceSpec, "schedule" | "replicas" | "architecture">;
  readonly namespace: pulumi.Input<string>;
  /** With Node in it. */
  readonly image: pulumi.Input<string>;
  readonly deployment: k8s.apps.v1.Deployment;
  readonly autoscaler: k8s.autoscaling.v2.HorizontalPodAutoscaler;
}

/** A CronJob's name is at most this long: its jobs append a number of 11 digits. */
const longestName = 52;

/**
 * How late a job may still start, and how long it may then wait for a node: half of the time until other bounds are due, each. A job that
 * is dropped earlier would leave 0 replicas until then; a later one would overwrite the other bounds. Within this time a few starts are
 * missed at most, and Kubernetes refuses only more than 100 (https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/).
 */
const limitSecondsOf = (change: Transition, all: readonly Transition[]) => (minutesToOtherBounds(change, all) * 60) / 2;

/**
 * The kubelet starts a failed container again after 10 s at the soonest, so its deadline ends a job and never a number of tries. The default
 * of 6 is reached in about ten minutes, long before a broken network or API server may be back
 * (https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-backoff-failure-policy).
 */
const shortestBackoffSeconds = 10;

/** One CronJob for each moment at which the bounds change. It sets them on the autoscaler, and with 0 replicas on the Deployment itself. */
export function createSchedule(
  name: string,
  args: ScheduleArgs,
  within: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const changes = transitions(args.spec.schedule, args.spec.replicas);
  if (changes.length === 0) return [];
  const { account, binding } = createAccount(name, args, within);
  const after = { ...within, dependsOn: [binding] };
  return changes.map((change) => {
    const limitSeconds = limitSecondsOf(change, changes);
    return new k8s.batch.v1.CronJob(
      `${name}-${change.name}`,
      {
        metadata: {
          namespace: args.namespace,
          name: shortName(`${args.variant}-${change.name}`, longestName),
        },
        spec: {
          schedule: kubernetesCron(change),
          timeZone: change.timeZone,
          concurrencyPolicy: "Forbid",
          startingDeadlineSeconds: limitSeconds,
          successfulJobsHistoryLimit: 1,
          failedJobsHistoryLimit: 1,
          jobTemplate: {
            spec: {
              activeDeadlineSeconds: limitSeconds,
              backoffLimit: Math.ceil(limitSeconds / shortestBackoffSeconds),
              template: jobPod(args, change, account),
            },
          },
        },
      },
      after,
    );
  });
}

/** May set the bounds of this one autoscaler and the count of this one Deployment. */
function createAccount(
  name: string,
  { namespace, deployment, autoscaler }: ScheduleArgs,
  within: pulumi.CustomResourceOptions,
) {
  const scale = {
    apiGroups: ["apps"],
    resources: ["deployments/scale"],
    resourceNames: [deployment.metadata.name],
    verbs: ["get", "patch"],
  };
  return scriptAccount(`${name}-schedule`, { namespace, rules: [boundsOfAutoscaler(autoscaler), scale] }, within);
}

function jobPod(
  { variant, spec, namespace, image, deployment, autoscaler }: ScheduleArgs,
  { min, max }: Transition,
  account: k8s.core.v1.ServiceAccount,
) {
  const variables = {
    NAMESPACE: namespace,
    DEPLOYMENT: deployment.metadata.name,
    AUTOSCALER: autoscaler.metadata.name,
    MIN: String(min),
    MAX: String(max),
  };
  const { architecture } = spec;
  const size = { cpu: "100m", memory: "128Mi" };
  return {
    // Neither the Service nor the network policy's callers select it.
    metadata: { labels: { app: "inference-schedule", variant } },
    spec: {
      restartPolicy: "OnFailure",
      ...scriptPod({ script: "set-replicas", image, architecture, account, variables, size }),
    },
  };
}
