import type { Weights } from "../aws/elb";

/** The load balancer applies a changed rule within these seconds, in addition to the deregistration delay. */
const marginSeconds = 5;

/** Target groups that get a smaller share than before, or none. */
export const groupsLosingTraffic = (before: Weights, after: Weights): string[] =>
  Object.keys(before).filter((arn) => (after[arn] ?? 0) < (before[arn] ?? 0));

/**
 * The engine deletes undeclared resources within milliseconds of the program's end. So the program must keep running until a target group
 * that lost traffic has answered its open requests.
 */
export const drainSeconds = (before: Weights, after: Weights, deregistrationSeconds: number): number =>
  groupsLosingTraffic(before, after).length > 0 ? deregistrationSeconds + marginSeconds : 0;
