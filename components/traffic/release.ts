import { setTimeout as sleep } from "node:timers/promises";
import type { LoadBalancerApi, Weights } from "../aws/elb";
import { deploymentError } from "../core/problems";
import { reasonOf } from "../core/reason";
import type { Rollout } from "../core/rollout";
import type { Drain } from "../core/service-spec";
import { type Look, lookUntilDone } from "../core/wait-until";
import { drainSeconds, groupsLosingTraffic } from "./drain";
import {
  boundsOf,
  type ReplicaSpec,
  replicasForShare,
  servingTogether,
  totalWeight,
  type VariantWeight,
} from "./starting-replicas";

export interface Surroundings {
  readonly spec: ReplicaSpec & { readonly drain: Drain };
  readonly api: LoadBalancerApi;
  readonly log: { readonly info: (text: string) => unknown; readonly warn: (text: string) => unknown };
  readonly wait?: (seconds: number) => Promise<unknown>;
  readonly now?: () => Date;
}

/** A variant and the platform that runs it. */
export interface Release {
  readonly variant: VariantWeight;
  readonly rollout: Rollout;
}

/** What was true right before the rule changed. */
export interface Opened {
  readonly before: Weights;
  /** How long raised replicas must be kept after it changed. */
  readonly holdSeconds: number;
}

/** How long replicas may take to become healthy: a raised variant on EKS may have to start nodes first. */
export const patienceSeconds = 600;

export const clockOf = ({ wait = (seconds) => sleep(seconds * 1000), now = () => new Date() }: Surroundings) => ({
  wait,
  now: () => now().getTime() / 1000,
});

/**
 * Resolves once every variant that gains traffic runs the declared version with enough replicas for its share. The healthy replicas are
 * counted again at every poll, so load that grows meanwhile counts. Other variants are not checked: an unhealthy one must not keep traffic.
 */
export async function open(
  variants: readonly VariantWeight[],
  gainers: readonly Release[],
  liveWeights: () => Promise<Weights>,
  around: Surroundings,
): Promise<Opened> {
  try {
    await Promise.all(gainers.map(({ rollout }) => rollout.complete()));
    return await untilLargeEnough(variants, gainers, liveWeights, around);
  } catch (error) {
    await giveBack(gainers, around);
    throw error;
  }
}

async function untilLargeEnough(
  variants: readonly VariantWeight[],
  gainers: readonly Release[],
  liveWeights: () => Promise<Weights>,
  around: Surroundings,
): Promise<Opened> {
  const { spec, api, log, now = () => new Date() } = around;
  let before: Weights = {};
  const raised = new Set<Release>();
  /** Healthy replicas of raised variants before the raise: the raise must not count as load that has grown. */
  const unraised = new Map<string, number>();
  const measured = { healthyTargets: async (arn: string) => unraised.get(arn) ?? (await api.healthyTargets(arn)) };
  let small: Release | undefined;
  const look = async (): Promise<Look> => {
    before = await liveWeights();
    const shares = { together: await servingTogether(before, measured), total: totalWeight(variants) };
    const missing: string[] = [];
    for (const gainer of gainers) {
      const { variant, rollout } = gainer;
      const needed = replicasForShare(variant, shares, boundsOf(variant, spec, now()));
      const healthy = await api.healthyTargets(variant.targetGroupArn);
      // Without load, autoscaling may be about to remove replicas.
      const hasNoLoad = (before[variant.targetGroupArn] ?? 0) === 0;
      if ((healthy < needed || hasNoLoad) && (await rollout.raise(needed))) {
        raised.add(gainer);
        if (!unraised.has(variant.targetGroupArn)) unraised.set(variant.targetGroupArn, healthy);
      }
      if (healthy >= needed) continue;
      small = gainer;
      missing.push(`${variant.name}: ${healthy} of ${needed} replicas are healthy`);
    }
    return missing.length === 0 ? { done: true } : { done: false, progress: missing.join(", ") };
  };
  const patience = { tell: log.info, limitSeconds: patienceSeconds, ...clockOf(around) };
  const explain = async (summary: string) => (small ? small.rollout.explain(summary) : deploymentError(summary));
  await lookUntilDone("traffic", look, patience, explain);
  return { before, holdSeconds: Math.max(0, ...[...raised].map(({ rollout }) => rollout.holdSeconds)) };
}

/** Keeps the program running after traffic has moved, until the losing groups have drained and raised replicas may be released. */
export async function settle({ before, holdSeconds }: Opened, after: Weights, around: Surroundings): Promise<void> {
  const { spec, log } = around;
  const drain = drainSeconds(before, after, spec.drain);
  const seconds = Math.max(drain, holdSeconds);
  if (seconds === 0) return;
  const reasons = [
    ...(drain > 0 ? [`${groupsLosingTraffic(before, after).length} target group(s) finish their requests`] : []),
    ...(holdSeconds > 0 ? ["autoscaling measures the load of what was raised"] : []),
  ];
  await log.info(`traffic has moved; waiting ${seconds} s while ${reasons.join(" and ")}`);
  await clockOf(around).wait(seconds);
}

/** Returns the replica counts to autoscaling, also those of an earlier update that was killed. */
export async function giveBack(releases: readonly Release[], { log }: Surroundings): Promise<void> {
  const given = releases.map(async ({ variant, rollout }) => {
    try {
      await rollout.release();
    } catch (error) {
      await log.warn(`${variant.name}: could not return its replica count to autoscaling: ${reasonOf(error)}`);
    }
  });
  await Promise.all(given);
}
