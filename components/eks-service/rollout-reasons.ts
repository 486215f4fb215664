import { RunError } from "@pulumi/pulumi";
import { reasonOf } from "../core/reason";
import type { Condition, KubeApi, PodState } from "./kube-api";
import { conditionOf } from "./rollout-progress";

interface Subject {
  readonly namespace: string;
  readonly deployment: string;
}

const mostReasons = 5;

/** A version whose rollout failed, with the reasons of the cluster. */
export class FailedVersion extends RunError {
  constructor(readonly lines: readonly string[]) {
    super([...lines, "Fix the cause and run `pulumi up`."].join("\n"));
    this.stack = undefined;
  }
}

/** Used once a failure is certain. When the cluster does not return the cause, the failure is reported without it. */
export async function explain(summary: string, subject: Subject, kube: KubeApi): Promise<FailedVersion> {
  const reasons = await reasonsOf(subject, kube).catch((error: unknown) => [`could not be read: ${reasonOf(error)}`]);
  const lines = [...new Set(reasons)].slice(0, mostReasons).map((reason) => `  ${reason}`);
  return new FailedVersion([summary, ...lines]);
}

async function reasonsOf({ namespace, deployment }: Subject, kube: KubeApi): Promise<string[]> {
  const state = await kube.deployment(namespace, deployment);
  const refused = conditionOf(state, "ReplicaFailure");
  const pods = await kube.pods(namespace, state.spec.selector.matchLabels);
  const ofPods = pods.flatMap(podReasons);
  const unready = pods.filter(({ status }) => !isTrue(status?.conditions, "Ready")).slice(0, mostReasons);
  const warnings = await Promise.all(unready.map(({ metadata }) => kube.warnings(namespace, metadata.name)));
  return [...(refused?.message ? [`[${refused.reason}] ${refused.message}`] : []), ...ofPods, ...warnings.flat()];
}

const isTrue = (conditions: readonly Condition[] | undefined, type: string) =>
  conditions?.some((condition) => condition.type === type && condition.status === "True") === true;

/** "[ErrImagePull] failed to pull ...", "[OOMKilled] exit code 137", "[Unschedulable] 0/3 nodes are available" */
function podReasons({ status }: PodState): string[] {
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const ended = containers.flatMap(({ lastState }) => lastState?.terminated ?? []);
  const waiting = containers.flatMap(({ state }) => state?.waiting ?? []);
  const unplaced = (status?.conditions ?? []).filter(
    ({ type, status: is }) => type === "PodScheduled" && is === "False",
  );
  return [
    ...ended.map(({ reason, exitCode }) => `[${reason ?? "Terminated"}] exit code ${exitCode}`),
    ...[...waiting, ...unplaced].flatMap(({ reason, message }) => (message ? [`[${reason}] ${message}`] : [])),
  ];
}
