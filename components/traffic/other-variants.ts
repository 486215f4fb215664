import type { Weights } from "../aws/elb";
import { deploymentError } from "../core/problems";
import { reasonOf } from "../core/reason";
import { type PollResult, pollUntilDone } from "../core/wait-until";
import { clockOf, patienceSeconds, type Release, type ReleaseContext } from "./release";
import { provingBounds, sleepsNow } from "./starting-replicas";

/** A variant that lost weight needs no new replicas, so a short limit is enough. */
const shortPatienceSeconds = 60;

/**
 * Checks the variants that gained no traffic, once traffic has moved. An unhealthy variant fails the update if it has weight. At weight 0
 * it serves no requests, so that is a warning.
 */
export async function checkOtherVariants(
  releases: readonly Release[],
  before: Weights,
  context: ReleaseContext,
): Promise<void> {
  const verdicts = await Promise.all(
    releases.map(async (release) => ({ release, reason: await illness(release, before, context) })),
  );
  const ill = verdicts.flatMap(({ release: { share }, reason }) => (reason ? [{ share, reason }] : []));
  for (const { share, reason } of ill.filter(({ share: { weight } }) => weight === 0)) {
    await context.log.warn(`${share.variant} has weight 0 and is not healthy:\n${reason}`);
  }
  const serving = ill.filter(({ share: { weight } }) => weight > 0);
  if (serving.length === 0) return;
  const lines = serving.map(
    ({ share: { variant, weight }, reason }) => `${variant} has weight ${weight} and is not healthy:\n${reason}`,
  );
  throw deploymentError(["The public rule has its declared weights.", ...lines].join("\n"));
}

async function illness(release: Release, before: Weights, context: ReleaseContext): Promise<string | undefined> {
  try {
    await release.rollout.complete();
    await untilMinimum(release, before, context);
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

/** Raises the count first: too few replicas do not make a variant unhealthy. */
async function untilMinimum({ share, rollout }: Release, before: Weights, context: ReleaseContext): Promise<void> {
  const { api, log, now = () => new Date() } = context;
  const needed = provingBounds(share, now()).min;
  const keeps = share.weight > 0 && share.weight === before[share.targetGroupArn];
  const mayStart = keeps || sleepsNow(share, now());
  let healthy = 0;
  const poll = async (): Promise<PollResult> => {
    healthy = await api.healthyTargets(share.targetGroupArn);
    if (healthy >= needed) return { done: true };
    if (share.weight > 0) await rollout.raise(needed);
    return { done: false, progress: `${healthy} of ${needed} replicas are healthy` };
  };
  const limitSeconds = mayStart ? patienceSeconds : shortPatienceSeconds;
  await pollUntilDone(share.variant, poll, { report: log.info, limitSeconds, ...clockOf(context) }, rollout.explain);
}
