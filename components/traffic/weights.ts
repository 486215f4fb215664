import type { Weights } from "../aws/elb";
import { clockOf, type ReleaseContext } from "./release";
import type { Share } from "./starting-replicas";

/** How long DescribeRules may return the weights from before a change. */
const staleSeconds = 5;

/** Sets the declared weights if someone changed them outside of Pulumi, which compares with its state only. */
export async function restoreWeights(
  ruleArn: string,
  shares: readonly Share[],
  context: ReleaseContext,
): Promise<Weights> {
  const { api, log } = context;
  const declared = weightsOf(shares);
  if (areSame(await api.weightsOfRule(ruleArn), declared)) return declared;
  await clockOf(context).wait(staleSeconds);
  const live = await api.weightsOfRule(ruleArn);
  if (areSame(live, declared)) return declared;
  log.warn(
    `The public rule has the weights ${show(live, shares)}, but the stack declares ${show(declared, shares)}. ` +
      "Somebody changed the rule outside of Pulumi. It is set to the declared weights.",
  );
  await api.setWeights(ruleArn, declared);
  return declared;
}

const weightsOf = (shares: readonly Share[]): Weights =>
  Object.fromEntries(shares.map(({ targetGroupArn, weight }) => [targetGroupArn, weight]));

const areSame = (one: Weights, other: Weights) =>
  [...new Set([...Object.keys(one), ...Object.keys(other)])].every((arn) => (one[arn] ?? 0) === (other[arn] ?? 0));

function show(weights: Weights, shares: readonly Share[]): string {
  const nameOf = (arn: string) =>
    shares.find(({ targetGroupArn }) => targetGroupArn === arn)?.variant ?? arn.split("/").at(-2) ?? arn;
  return Object.entries(weights)
    .map(([arn, weight]) => `${nameOf(arn)} ${weight}`)
    .join(", ");
}
