import { isAwsTarget } from "../../components/targets";
import { UserError } from "../cli/user-error";
import { type Begun, lastMove, previousImage } from "./journal";
import { type Before, type Goal, goalNamed, serving, sharesOf } from "./plan";
import { show } from "./shares";
import { beforeOf, runningReference, type Situation } from "./situation";

/** What --back returns to: what the newest change replaced, be it an image, or the variant or platform with the traffic. */
export function previous(situation: Situation, before: Before): Goal {
  const { stack, project, history } = situation;
  const [first] = serving(before.variants);
  const running = first?.image ?? runningReference(situation);
  const found = previousImage(history, { project, variant: first?.name ?? "", running });
  const move = lastMove(history, project);
  if (move && isStill(goalNamed(move.to), before) && (found === undefined || move.index < found.index))
    return backFrom(move, stack);
  if (found?.image.includes("@")) return { image: found.image };
  const why = found ? "holds no digest of an image that an update built" : "has no update with another image";
  throw new UserError(
    `Stack ${stack} runs ${running}, and Pulumi's history ${why}. Name the image: --to repository@sha256:...`,
  );
}

/** Whether the move is still what the stack declares. */
function isStill(goal: Goal, { target, variants }: Before): boolean {
  if ("target" in goal) return goal.target === target;
  return "variant" in goal && variants.some(({ name, weight }) => name === goal.variant && weight === 100);
}

function backFrom({ to, base }: Begun, stack: string): Goal {
  const earlier = base && beforeOf(base);
  const served = serving(earlier?.variants ?? []);
  const [only, ...others] = served;
  if (only && others.length === 0) {
    if ("variant" in goalNamed(to)) return { variant: only.name };
    if (earlier && isAwsTarget(earlier.target)) return { target: earlier.target };
  }
  const shares = earlier ? `from target ${earlier.target} with ${show(sharesOf(served))}` : "of an unknown beginning";
  throw new UserError(
    `The last release of stack ${stack} was ${to}, ${shares}; --back returns to one variant or platform only. Write target and weights into Pulumi.${stack}.yaml, then pulumi up --stack ${stack}`,
  );
}
