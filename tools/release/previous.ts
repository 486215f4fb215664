import { isAwsTarget } from "../../components/targets";
import { UserError } from "../cli/user-error";
import { type Base, digestOf, imageOf, lastBase, lastMove, type Move, previousImage } from "./journal";
import { type Before, type DeclaredVariant, type Goal, goalNamed, serving, sharesOf } from "./plan";
import { show } from "./shares";
import { beforeOf, runningReference, type Situation } from "./situation";

/** What --back returns to: what the newest change replaced, be it an image, or the variant or platform with the traffic. */
export function previous(situation: Situation, before: Before): Goal {
  const { stack, project, history } = situation;
  const served = serving(before.variants);
  const running = served[0]?.image ?? runningReference(situation);
  const earlier = (name: string, image: string) => previousImage(history, { project, variant: name, running: image });
  const half = halfReplaced(before, lastBase(history, project), earlier);
  if (half !== undefined) return { image: half };
  const found = earlier(served[0]?.name ?? "", running);
  const move = lastMove(history, project);
  const isNewest = move?.isNewest || found === undefined || (move && move.index < found.index);
  if (move && isNewest && isStill(goalNamed(move.to), before)) return backFrom(move, stack);
  if (!found?.image.includes("@")) throw new UserError(unknown(stack, running, found !== undefined));
  const each = served.map(({ name, image = running }) => [name, earlier(name, image)?.image] as const);
  if (each.every(([, image]) => image === found.image)) return { image: found.image };
  const images = each.map(([name, image = "an unknown image"]) => `${name} ${image}`);
  throw new UserError(
    `Stack ${stack} ran several images before: ${images.join(", ")}. Write them into Pulumi.${stack}.yaml, then pulumi up --stack ${stack}`,
  );
}

type Earlier = (name: string, image: string) => { readonly image: string } | undefined;

/** A --back that was killed in its only update has left the image of before in the stack file, and nothing in the history. */
function halfReplaced(before: Before, last: Base | undefined, earlier: Earlier): string | undefined {
  const [first] = serving(before.variants);
  const inFile = first?.image ?? before.base.image ?? "";
  const complete = (first && last && imageOf(first.name, last)) ?? "";
  const [written, deployed] = [inFile, complete].map(digestOf);
  if (!first || !written || !deployed || written === deployed) return undefined;
  return digestOf(earlier(first.name, complete)?.image ?? "") === written ? inFile : undefined;
}

function unknown(stack: string, running: string, isBuilt: boolean): string {
  const why = isBuilt ? "hold no digest of an image that an update built" : "have no update with another image";
  return `Stack ${stack} runs ${running}, and the newest updates in Pulumi's history ${why}. Name the image: --to repository@sha256:...`;
}

/** Whether the move is still what the stack declares. */
function isStill(goal: Goal, { target, variants }: Before): boolean {
  if ("target" in goal) return goal.target === target;
  return "variant" in goal && variants.some(({ name, weight }) => name === goal.variant && weight === 100);
}

function backFrom({ to, base, addedTarget }: Move, stack: string): Goal {
  const earlier = base && beforeOf(base);
  const served: readonly DeclaredVariant[] = serving(earlier?.variants ?? []);
  const [only, ...others] = served;
  if (only && others.length === 0) {
    if ("variant" in goalNamed(to)) return { variant: only.name };
    if (earlier && isAwsTarget(earlier.target)) return { target: earlier.target, isLeftOut: addedTarget };
  }
  const shares = earlier ? `from target ${earlier.target} with ${show(sharesOf(served))}` : "of an unknown beginning";
  throw new UserError(
    `The last release of stack ${stack} was ${to}, ${shares}; --back returns to one variant or platform only. Write target and weights into Pulumi.${stack}.yaml, then pulumi up --stack ${stack}`,
  );
}
