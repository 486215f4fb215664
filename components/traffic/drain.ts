import type { Weights } from "../aws/elb";
import type { Drain } from "../core/service-spec";

/** What the load balancer needs beyond the deregistration delay to take a changed rule. */
const marginSeconds = 5;

/** Target groups that get a smaller share than before, or none. */
export const losers = (before: Weights, after: Weights): string[] =>
  Object.keys(before).filter((arn) => (after[arn] ?? 0) < (before[arn] ?? 0));

/**
 * The engine deletes what is no longer declared within milliseconds of the program's end. For as long the program has to stay open after
 * traffic was taken from a group, until that group has answered what it already had.
 */
export const drainSeconds = (before: Weights, after: Weights, { deregistrationSeconds }: Drain): number =>
  losers(before, after).length > 0 ? deregistrationSeconds + marginSeconds : 0;
