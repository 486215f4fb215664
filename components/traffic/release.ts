import { setTimeout as sleep } from "node:timers/promises";
import type { LoadBalancerApi, Weights } from "../aws/elb";
import { deploymentError } from "../core/problems";
import { reasonOf } from "../core/reason";
import type { Rollout } from "../core/rollout";
import { type PollResult, pollUntilDone } from "../core/wait-until";
import { drainSeconds, groupsLosingTraffic } from "./drain";
import { provingBounds, replicasForShare, type Share, servingTogether, totalWeight } from "./starting-replicas";

export interface ReleaseContext {
  /** How long a target group finishes its requests after it lost traffic. */
  readonly deregistrationSeconds: number;
  readonly api: LoadBalancerApi;
  readonly log: { readonly info: (text: string) => unknown; readonly warn: (text: string) => unknown };
  readonly wait?: (seconds: number) => Promise<unknown>;
  readonly now?: () => Date;
}

/** A workload's share of the traffic, and its rollout on its platform. */
export interface Release {
  readonly share: Share;
  readonly rollout: Rollout;
}

/** The state right before the rule changes. */
export interface GainersReady {
  readonly before: Weights;
  /** How long raised replicas must be kept after it changed. */
  readonly holdSeconds: number;
}

/** How long replicas may take to become healthy: a raised variant on EKS may have to start nodes first. */
export const patienceSeconds = 600;

export const clockOf = ({ wait = (seconds) => sleep(seconds * 1000), now = () => new Date() }: ReleaseContext) => ({
  wait,
  now: () => now().getTime() / 1000,
});

/**
 * Resolves once every variant that gains traffic runs the declared version with enough replicas for its share. The healthy replicas are
 * counted again at every poll, so load that grows meanwhile counts. Other variants are not checked: an unhealthy one must not keep traffic.
 */
export async function waitForGainers(
  shares: readonly Share[],
  gainers: readonly Release[],
  liveWeights: () => Promise<Weights>,
  context: ReleaseContext,
): Promise<GainersReady> {
  try {
    await Promise.all(gainers.map(({ rollout }) => rollout.complete()));
    return await untilLargeEnough(shares, gainers, liveWeights, context);
  } catch (error) {
    await returnCountsToAutoscaling(gainers, context);
    throw error;
  }
}

async function untilLargeEnough(
  shares: readonly Share[],
  gainers: readonly Release[],
  liveWeights: () => Promise<Weights>,
  context: ReleaseContext,
): Promise<GainersReady> {
  const { api, log, now = () => new Date() } = context;
  let before: Weights = {};
  const raised = new Set<Release>();
  /** Healthy replicas of raised variants before the raise: the raise must not count as load that has grown. */
  const unraised = new Map<string, number>();
  const measured = { healthyTargets: async (arn: string) => unraised.get(arn) ?? (await api.healthyTargets(arn)) };
  let small: Release | undefined;
  const poll = async (): Promise<PollResult> => {
    before = await liveWeights();
    const all = { together: await servingTogether(before, measured), total: totalWeight(shares) };
    const missing: string[] = [];
    for (const gainer of gainers) {
      const { share, rollout } = gainer;
      const { variant, targetGroupArn } = share;
      const needed = replicasForShare(share, all, provingBounds(share, now()));
      const healthy = await api.healthyTargets(targetGroupArn);
      // Without load, autoscaling may be about to remove replicas.
      const hasNoLoad = (before[targetGroupArn] ?? 0) === 0;
      if ((healthy < needed || hasNoLoad) && (await rollout.raise(needed))) {
        raised.add(gainer);
        if (!unraised.has(targetGroupArn)) unraised.set(targetGroupArn, healthy);
      }
      if (healthy >= needed) continue;
      small = gainer;
      missing.push(`${variant}: ${healthy} of ${needed} replicas are healthy`);
    }
    return missing.length === 0 ? { done: true } : { done: false, progress: missing.join(", ") };
  };
  const polling = { report: log.info, limitSeconds: patienceSeconds, ...clockOf(context) };
  const explain = async (summary: string) => (small ? small.rollout.explain(summary) : deploymentError(summary));
  await pollUntilDone("traffic", poll, polling, explain);
  return { before, holdSeconds: Math.max(0, ...[...raised].map(({ rollout }) => rollout.holdSeconds)) };
}

/** Keeps the program running after traffic has moved, until the losing groups have drained and raised replicas may be released. */
export async function waitForDrain(
  { before, holdSeconds }: GainersReady,
  after: Weights,
  context: ReleaseContext,
): Promise<void> {
  const { deregistrationSeconds, log } = context;
  const drain = drainSeconds(before, after, deregistrationSeconds);
  const seconds = Math.max(drain, holdSeconds);
  if (seconds === 0) return;
  const reasons = [
    ...(drain > 0 ? [`${groupsLosingTraffic(before, after).length} target group(s) finish their requests`] : []),
    ...(holdSeconds > 0 ? ["autoscaling measures the load of the raised replicas"] : []),
  ];
  await log.info(`traffic has moved; waiting ${seconds} s while ${reasons.join(" and ")}`);
  await clockOf(context).wait(seconds);
}

/** Returns the replica counts to autoscaling, also those of an earlier update that was killed. */
export async function returnCountsToAutoscaling(releases: readonly Release[], { log }: ReleaseContext): Promise<void> {
  const given = releases.map(async ({ share, rollout }) => {
    try {
      await rollout.release();
    } catch (error) {
      await log.warn(`${share.variant}: could not return its replica count to autoscaling: ${reasonOf(error)}`);
    }
  });
  await Promise.all(given);
}
