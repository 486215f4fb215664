import { serviceSpec } from "../../components/core/service-spec";
import { bill, hoursPerMonth, inferenceOf, type Measurement, priceable, sum } from "../../components/pricing";
import { awsTargets, perTarget } from "../../components/targets";
import type { Wait } from "../../components/targets/profile";
import { UserError } from "../cli/user-error";
import { type Comparison, compare } from "../compare/comparison";
import { declaredIn } from "../compare/evaluated";
import { total } from "../compare/scaling";
import { evaluateStack } from "../offline";
import { stackSettings } from "../stack/settings";
import type { Step } from "./story";

/** What is known before the first resource. */
export interface Estimate {
  /** The whole run. AWS bills some hours as whole ones, so they are rounded up. */
  readonly hours: number;
  /** Both platforms at their most replicas, for all the hours. */
  readonly usd: number;
  readonly usdPerHour: number;
  /** Of `npm run compare`: from an empty account to the first URL, on each target. */
  readonly firstUrl: readonly { readonly target: string; readonly label: string; readonly waits: readonly Wait[] }[];
  readonly pricesOf: string;
}

interface Asked {
  readonly stack: string;
  readonly steps: readonly Step[];
  readonly perSecond: number;
  readonly measurement?: Measurement;
}

export async function estimate({ stack, steps, perSecond, measurement }: Asked): Promise<Estimate> {
  const comparison = await compare({ stack, hours: hoursPerMonth, measurement });
  const firstUrl = awsTargets.map(({ name, label }) => ({ target: name, label, waits: comparison.firstUrl[name] }));
  const hours = Math.ceil(steps.reduce((all, step) => all + secondsOf(step, comparison), 0) / 3600);
  const usdPerHour = await hourly({ stack, perSecond, measurement });
  return { hours, usd: hours * usdPerHour, usdPerHour, firstUrl, pricesOf: comparison.prices.lookedUp };
}

const secondsOf = ({ minutes, creates }: Step, { firstUrl }: Comparison) =>
  minutes * 60 + (creates === undefined ? 0 : total(firstUrl[creates]).most);

/** The list price of an hour with both platforms, at their most replicas. */
async function hourly({ stack, perSecond, measurement }: Omit<Asked, "steps">): Promise<number> {
  const overrides = { target: "both" };
  const settings = stackSettings(stack, overrides);
  const spec = serviceSpec(settings);
  const plan = await evaluateStack(stack, { overrides });
  const priced = { ...priceable(settings, spec, declaredIn(plan)), inference: inferenceOf(measurement) };
  const shares = perTarget(() => 1 / awsTargets.length);
  return sum(bill(priced, { hours: 1, replicas: spec.replicas.max, requestsPerSecond: perSecond, shares }));
}

export function refuseTooDear({ usd }: Estimate, mostUsd: number | undefined): void {
  if (mostUsd === undefined || usd <= mostUsd) return;
  throw new UserError(
    `--max-cost is ${mostUsd} USD, and the run costs about ${usd.toFixed(2)} USD by list prices. Raise it, or lower replicas.max of the stack file`,
  );
}

export const described = ({ hours, usd, usdPerHour, pricesOf }: Estimate) =>
  `About ${usd.toFixed(2)} USD by list prices of ${pricesOf}: ${hours} h, ${usdPerHour.toFixed(2)} USD an hour. ${assumed}`;

export const assumed =
  "Assumed are the minutes of each step, and both platforms at their most replicas all the time. Not included: tax, the additional replicas during a rollout, and the hours of a stack that stays up after a failure.";
