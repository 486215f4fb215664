import type { RunError } from "@pulumi/pulumi";
import { deploymentError } from "../core/problems";
import { reasonOf } from "../core/reason";
import { type Polling, pollUntilDone } from "../core/wait-until";
import type { KubeApi, ReplicaSetState } from "./kube-api";
import { applierOf, returned, setToReturnTo } from "./revisions";
import { progressOf } from "./rollout-progress";
import type { FailedVersion } from "./rollout-reasons";

/** A Deployment and the pod template that is declared for it. */
interface Subject {
  readonly namespace: string;
  readonly deployment: string;
  readonly version: string;
}

const retryHint = "Fix the cause and run `pulumi up`. To retry the same version, run `pulumi up --refresh`.";

/** Returns the Deployment to the version before, as ECS does, waits for its pods, and returns the error of the update. */
export async function rollBack(
  { lines }: FailedVersion,
  subject: Subject,
  kube: KubeApi,
  polling: Polling,
): Promise<RunError> {
  const { namespace, deployment, version } = subject;
  const live = await kube.deployment(namespace, deployment);
  const earlier = setToReturnTo(live, await kube.replicaSets(namespace, live.spec.selector.matchLabels));
  const applier = applierOf(live);
  if (earlier === undefined || applier === undefined) {
    const none = earlier ? "no manager has applied its pod template" : "no earlier version of it is known to work";
    return deploymentError(
      [...lines, `It is not rolled back: ${none}.`, "Fix the cause and run `pulumi up`."].join("\n"),
    );
  }
  const reason = [
    `${deployment} was rolled back: it runs ${earlier.metadata.name}, not the declared version`,
    ...lines.map((line) => `  ${line}`),
    retryHint,
  ].join("\n");
  await kube.apply(returned(live, applier, earlier, { version, reason }), applier.manager);
  const late = await untilReturned(subject, earlier, kube, polling);
  return deploymentError(late === undefined ? reason : `${reason}\nThe roll-back is not complete: ${late}`);
}

/** Why the earlier pods do not run again; undefined once they do. */
async function untilReturned(
  { namespace, deployment }: Subject,
  { metadata: { name } }: ReplicaSetState,
  kube: KubeApi,
  polling: Polling,
): Promise<string | undefined> {
  await polling.report(`${deployment}: failed; rolling back to ${name}`);
  const poll = async () => progressOf(await kube.deployment(namespace, deployment));
  const late = (summary: string) => Promise.resolve(deploymentError(summary));
  return pollUntilDone(deployment, poll, polling, late).then(
    () => undefined,
    (error: unknown) => reasonOf(error),
  );
}
