import type { Weights } from "../aws/elb";
import { deploymentError } from "../core/problems";
import { reasonOf } from "../core/reason";
import { type Look, lookUntilDone } from "../core/wait-until";
import { clockOf, patienceSeconds, type Release, type Surroundings } from "./release";
import { boundsOf } from "./starting-replicas";

/** A variant whose weight fell needs no more replicas, so it is healthy soon or not at all. */
const shortPatienceSeconds = 60;

/**
 * Checks the variants that gained no traffic, once traffic has moved. An unhealthy variant fails the update if it has weight. At weight 0
 * it serves no requests, so that is a warning.
 */
export async function judge(releases: readonly Release[], before: Weights, around: Surroundings): Promise<void> {
  const verdicts = await Promise.all(
    releases.map(async (release) => ({ release, reason: await illness(release, before, around) })),
  );
  const ill = verdicts.flatMap(({ release: { variant }, reason }) => (reason ? [{ variant, reason }] : []));
  for (const { variant, reason } of ill.filter(({ variant: { weight } }) => weight === 0)) {
    await around.log.warn(`${variant.name} has weight 0 and is not healthy:\n${reason}`);
  }
  const serving = ill.filter(({ variant: { weight } }) => weight > 0);
  if (serving.length === 0) return;
  const lines = serving.map(
    ({ variant: { name, weight }, reason }) => `${name} has weight ${weight} and is not healthy:\n${reason}`,
  );
  throw deploymentError(["The public rule has its declared weights.", ...lines].join("\n"));
}

async function illness(release: Release, before: Weights, around: Surroundings): Promise<string | undefined> {
  try {
    await release.rollout.complete();
    await untilMinimum(release, before, around);
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

/** Raises the count first: too few replicas do not make a variant unhealthy. */
async function untilMinimum({ variant, rollout }: Release, before: Weights, around: Surroundings): Promise<void> {
  const { spec, api, log, now = () => new Date() } = around;
  const needed = boundsOf(variant, spec, now()).min;
  const keeps = variant.weight > 0 && variant.weight === before[variant.targetGroupArn];
  let healthy = 0;
  const look = async (): Promise<Look> => {
    healthy = await api.healthyTargets(variant.targetGroupArn);
    if (healthy >= needed) return { done: true };
    if (variant.weight > 0) await rollout.raise(needed);
    return { done: false, progress: `${healthy} of ${needed} replicas are healthy` };
  };
  const limitSeconds = keeps ? patienceSeconds : shortPatienceSeconds;
  await lookUntilDone(variant.name, look, { tell: log.info, limitSeconds, ...clockOf(around) }, rollout.explain);
}

/** In a schedule window with 0 replicas no task runs, so the version is unproven. */
export async function warnOfUnproven(releases: readonly Release[], around: Surroundings): Promise<void> {
  const { spec, api, log, now = () => new Date() } = around;
  for (const { variant } of releases) {
    if (boundsOf(variant, spec, now()).min > 0) continue;
    if ((await api.healthyTargets(variant.targetGroupArn)) > 0) continue;
    await log.warn(
      `${variant.name} runs no replica now because of its schedule, so nothing proves that this version works. ` +
        "Run `pulumi up` again once a window with replicas is open.",
    );
  }
}
