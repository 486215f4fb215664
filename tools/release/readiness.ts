import { containerOf } from "../../components/core/container";
import { boundsAt } from "../../components/core/schedule";
import type { Settings } from "../../components/settings";
import { UserError } from "../cli/user-error";
import { faultOf, type Limits, type Reading } from "./bake";

/** New replicas need a node or a place in a subnet, and the image. */
const scaleOutSeconds = 300;

/** What replicas must show now. More of them than before count once they had the time to start. */
export function limitsOf(
  { schedule, replicas, container, alarms }: Pick<Settings, "schedule" | "replicas" | "container" | "alarms">,
  now = () => new Date(),
): Limits {
  const { startSeconds } = containerOf(container);
  const least = (secondsAgo: number) => boundsAt(schedule, replicas, new Date(now().getTime() - secondsAgo * 1000)).min;
  return {
    replicas: () => Math.min(least(0), least(scaleOutSeconds + startSeconds)),
    isAsleep: () => least(0) === 0,
    errorPercent: alarms.errorPercent,
  };
}

/** Refuses to move traffic to a variant that the first step would leave again. One that is new has no reading yet. */
export function refuseUnready(stack: string, readings: readonly Reading[], limits: Limits): void {
  for (const { variant, ...reading } of readings) {
    const fault = faultOf({ variant, ...reading, requests: 0, errors: 0 }, limits, 0);
    if (fault === undefined) continue;
    throw new UserError(
      `${variant} cannot take traffic: ${fault}. Nothing was changed. Fix the cause first, or move the traffic without a watch: write the shares into Pulumi.${stack}.yaml, then pulumi up --stack ${stack}`,
    );
  }
}

/** While the schedule has 0 replicas, every step would look fine. */
export function refuseAsleep(stack: string, limits: Limits): void {
  if (limits.isAsleep())
    throw new UserError(
      `Stack ${stack} has 0 replicas now, by its schedule, so no step can be watched. Release while replicas run.`,
    );
}
