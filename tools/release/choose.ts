import { awsTargets, isAwsTarget } from "../../components/targets";
import { UserError } from "../cli/user-error";
import type { Begun } from "./journal";
import {
  type Before,
  type DeclaredVariant,
  type Goal,
  goalNamed,
  inPlace,
  type Plan,
  planned,
  recorded,
  serving,
  suffix,
  titleOf,
  variantsOf,
} from "./plan";
import { previous } from "./previous";
import type { Shares } from "./shares";
import {
  baseIn,
  beforeOf,
  refuseDisagreement,
  restorable,
  runningReference,
  type Situation,
  waysOut,
} from "./situation";
import type { Edit } from "./stack-file";

const usualSteps = [5, 25, 50, 100];
const longestName = 15;

export interface Chosen {
  readonly plan: Plan;
  readonly before: Before;
  /** Continues a release that was interrupted. */
  readonly resumes: boolean;
  /** Only goes back from one. */
  readonly takesBack: boolean;
}

/** The configuration of the stack file. */
export interface InFile {
  readonly config: Readonly<Record<string, unknown>>;
  /** Whether the file has these values already. */
  readonly has: (edits: readonly Edit[]) => boolean;
  /** Whether a release added the key. */
  readonly isAdded: (key: string) => boolean;
  /** Whether going back from every update of the plan restores the file. */
  readonly restores: (plan: Plan) => boolean;
}

/** The plan for what was asked, or the reason why there is none. */
export function choose(
  goal: Goal | "back",
  steps: readonly number[] | undefined,
  situation: Situation,
  file: InFile,
): Chosen {
  const { stack, unfinished, project } = situation;
  const base = baseIn(file.config, project);
  if (unfinished) return goingOn(goal, steps, situation, unfinished, file);
  refuseDisagreement(situation);
  const before = beforeOf(base);
  const fresh = (plan: Plan): Chosen => ({ plan, before, resumes: false, takesBack: false });
  const { live } = situation.shares;
  if (goal !== "back") {
    refuseGoal(goal, before, situation);
    return fresh(recorded(planned(goal, before, steps ?? usualSteps, live)));
  }
  const earlier = previous(situation, before);
  if (!("image" in earlier)) {
    const back = (to: Goal) => recorded(planned(to, before, steps ?? [100], live));
    const plan = back(earlier);
    // A line that was moved, or has a comment now, stays.
    return fresh("target" in earlier && !file.restores(plan) ? back({ target: earlier.target }) : plan);
  }
  if (steps === undefined) return fresh(inPlace(earlier.image, before));
  refuseNames(stack, before.variants);
  return fresh(planned(earlier, before, steps, live));
}

function goingOn(
  goal: Goal | "back",
  steps: readonly number[] | undefined,
  { stack, project, shares }: Situation,
  { to, base: begunWith }: Begun,
  file: InFile,
): Chosen {
  if (goal !== "back" && titleOf(goal) !== to)
    throw new UserError(`Stack ${stack} has an unfinished release of ${to}. ${waysOut(stack, to)}`);
  if (begunWith === undefined)
    throw new UserError(
      `Stack ${stack} has an unfinished release of ${to}, and Pulumi's history has no update before it. Write target, image and variants of before into Pulumi.${stack}.yaml, then pulumi up`,
    );
  const before = beforeOf(restorable(begunWith, baseIn(file.config, project), file.isAdded));
  const plan = planned(goal === "back" ? goalNamed(to) : goal, before, steps ?? usualSteps, shares.live);
  refuseStrangers(stack, shares, plan);
  if (goal === "back") return { plan, before, resumes: false, takesBack: true };
  return { plan: onlyLast(goal, plan, file), before, resumes: true, takesBack: false };
}

/** After the last edit of the stack file only the last update is left. */
function onlyLast(goal: Goal, plan: Plan, { has }: InFile): Plan {
  const last = plan.updates.slice(-1);
  return "variant" in goal || !last.every(({ edits }) => has(edits)) ? plan : { ...plan, updates: last };
}

/** The three places may be at different steps of the release, but not at something else. */
function refuseStrangers(stack: string, shares: Situation["shares"], plan: Plan): void {
  const own = variantsOf(plan);
  const places: Readonly<Record<string, Shares>> = {
    [`Pulumi.${stack}.yaml`]: shares.file,
    "The last update": shares.state,
    "The load balancer": shares.live,
  };
  for (const [place, found] of Object.entries(places))
    for (const name of Object.keys(found))
      if (!own.includes(name))
        throw new UserError(
          `${place} has ${name}, which the unfinished release does not know; expected ${own.join(", ")}`,
        );
}

function refuseGoal(goal: Goal, { target, variants }: Before, situation: Situation): void {
  const names = variants.map(({ name }) => name);
  const refuse = (text: string) => {
    throw new UserError(text);
  };
  if ("target" in goal) {
    const choices = awsTargets.map(({ name }) => name).join(" or ");
    if (!isAwsTarget(goal.target)) refuse(`--to-target is ${goal.target}; expected ${choices}`);
    if (target === "variants")
      refuse(`--to-target is for stacks without variants; move their traffic with --to, to one of ${names.join(", ")}`);
    if (target === goal.target) refuse(`--to-target is ${goal.target}: the stack runs there`);
    return;
  }
  if ("variant" in goal) {
    const found = variants.find(({ name }) => name === goal.variant);
    if (!found)
      refuse(`--to is ${goal.variant}; expected repository@sha256:<64 hex digits>, or one of ${names.join(", ")}`);
    if (found?.weight === 100) refuse(`--to is ${goal.variant}, which has all traffic`);
    return;
  }
  const running = runningReference(situation);
  if (serving(variants).every(({ image = running }) => image === goal.image))
    refuse(`--to is ${goal.image}, which the stack runs`);
  refuseNames(situation.stack, variants);
}

/** A release of an image in steps needs a free name beside each serving variant. */
function refuseNames(stack: string, variants: readonly DeclaredVariant[]): void {
  for (const { name } of serving(variants)) {
    const next = `${name}${suffix}`;
    if (next.length > longestName)
      throw new UserError(
        `The variant ${name} would get ${next} beside it; expected a name of at most ${longestName - suffix.length} characters. Declare the new variant yourself, and use --to <variant>`,
      );
    if (variants.some((each) => each.name === next))
      throw new UserError(
        `The release would add ${next} beside ${name}, but Pulumi.${stack}.yaml declares ${next}. Rename or remove it, or move the traffic to a variant: --to <variant>`,
      );
  }
}
