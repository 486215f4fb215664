import type { Weights } from "../aws/elb";
import { clockOf, type Surroundings } from "./release";
import type { VariantWeight } from "./starting-replicas";

/** How long DescribeRules may return the weights from before a change. */
const staleSeconds = 5;

/** Sets the declared weights if someone changed them outside of Pulumi, which compares with its state only. */
export async function correct(
  ruleArn: string,
  variants: readonly VariantWeight[],
  around: Surroundings,
): Promise<Weights> {
  const { api, log } = around;
  const declared = weightsOf(variants);
  if (areSame(await api.weightsOfRule(ruleArn), declared)) return declared;
  await clockOf(around).wait(staleSeconds);
  const live = await api.weightsOfRule(ruleArn);
  if (areSame(live, declared)) return declared;
  log.warn(
    `The public rule has the weights ${show(live, variants)}; declared are ${show(declared, variants)}. ` +
      "Somebody changed the rule outside of Pulumi. It is set to the declared weights.",
  );
  await api.setWeights(ruleArn, declared);
  return declared;
}

const weightsOf = (variants: readonly VariantWeight[]): Weights =>
  Object.fromEntries(variants.map(({ targetGroupArn, weight }) => [targetGroupArn, weight]));

const areSame = (one: Weights, other: Weights) =>
  [...new Set([...Object.keys(one), ...Object.keys(other)])].every((arn) => (one[arn] ?? 0) === (other[arn] ?? 0));

function show(weights: Weights, variants: readonly VariantWeight[]): string {
  const nameOf = (arn: string) =>
    variants.find(({ targetGroupArn }) => targetGroupArn === arn)?.name ?? arn.split("/").at(-2) ?? arn;
  return Object.entries(weights)
    .map(([arn, weight]) => `${nameOf(arn)} ${weight}`)
    .join(", ");
}
