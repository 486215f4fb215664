import { reasonOf } from "../../components/core/reason";
import { UserError } from "../cli/user-error";
import { messages } from "./journal";
import type { Plan, Update } from "./plan";
import { type Change, showChange } from "./preview-gate";
import type { Pulumi } from "./pulumi";
import { readAgain, type Wait } from "./read-again";
import { areSame, type Shares, show } from "./shares";
import { type Edit, withoutMarks } from "./stack-file";

/** What a release reads and changes. */
export interface Stage {
  readonly file: { readonly name: string; read(): string; write(text: string): void };
  readonly edited: (text: string, edits: readonly Edit[]) => string;
  /** Whether a release added the key to the text. */
  readonly isAdded: (text: string, key: string) => boolean;
  readonly pulumi: Pulumi;
  /** The changes of a preview that the update does not mean. */
  readonly unexpected: (kind: Update["kind"], changes: readonly Change[]) => readonly Change[];
  readonly live: () => Promise<Shares>;
  readonly wait?: Wait;
  /** Watches the variants that gained traffic. Returns why the release must go back, or nothing. */
  readonly bake: (gainers: readonly string[], signal: AbortSignal) => Promise<string | undefined>;
  readonly tell: (text: string) => void;
  readonly who: string;
  /** The image before the release. */
  readonly imageBefore: string;
  /** The command that goes on with the release after it has stopped. */
  readonly goesOnWith: string;
  readonly interruption: {
    readonly signal: AbortSignal;
    /** Whether to go back. */
    readonly goesBack: () => Promise<boolean>;
  };
}

/** Why a release did not reach its end, or goes back although it has. */
class Failure extends Error {
  constructor(
    message: string,
    readonly hasEnded = false,
  ) {
    super(message);
  }
}

/** Carries a plan out. On a failure it goes back, and throws the reason. */
export async function carryOut(plan: Plan, stage: Stage): Promise<void> {
  try {
    for (const [index, update] of plan.updates.entries()) {
      stage.tell(`\n${index + 1} of ${plan.updates.length}  ${update.title}: ${show(update.shares)}`);
      await run(plan, update, index, stage);
      if (update.kind === "shift") await watchShift(plan, stage);
    }
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (await goesBack(error, stage)) await goBack(plan, error.message, stage);
  }
}

async function watchShift({ gainers }: Plan, { bake, interruption: { signal } }: Stage): Promise<void> {
  // Ctrl-C in a terminal also ends the command that reads the state.
  const unread = (error: unknown) => (signal.aborted ? undefined : `it could not be watched: ${reasonOf(error)}`);
  const reason = await bake(gainers, signal).catch(unread);
  if (reason !== undefined) throw new Failure(reason);
  refuseInterrupted(signal);
}

/** Asks after an interruption. A release that has ended stays if the answer is no; every other one stops where it is. */
async function goesBack({ message, hasEnded }: Failure, stage: Stage): Promise<boolean> {
  const { interruption, tell } = stage;
  if (!interruption.signal.aborted) return true;
  if (hasEnded) tell("The last update ended before the interruption.");
  if (await interruption.goesBack()) return true;
  if (hasEnded) return false;
  const ways = `Run ${stage.goesOnWith} to go on, or --back to go back.`;
  throw new UserError(`Stopped: ${message}. ${(await seenShares(stage)).text} ${ways}`);
}

function refuseInterrupted(signal: AbortSignal, hasEnded = false): void {
  if (signal.aborted) throw new Failure("interrupted", hasEnded);
}

async function run(plan: Plan, update: Update, index: number, stage: Stage): Promise<void> {
  const { file, pulumi, interruption, unexpected, tell } = stage;
  const before = file.read();
  const after = stage.edited(before, update.edits);
  const surprises = unexpected(update.kind, await previewed(after, index > 0, stage));
  if (interruption.signal.aborted && index === 0) throw new UserError("Interrupted. Nothing was changed.");
  refuseInterrupted(interruption.signal);
  if (surprises.length > 0) throw new UserError(surprised(update, surprises, index > 0, stage));
  file.write(after);
  const title = `${update.title} (${index + 1} of ${plan.updates.length})`;
  const message =
    update.kind === "end"
      ? messages.done(plan.title, stage.imageBefore, stage.who, addedLine(plan, after, stage))
      : messages.step(plan.title, title, stage.who);
  const { succeeded, lock } = await pulumi.up(message, interruption.signal);
  if (lock !== undefined) {
    file.write(before);
    const command = index === 0 ? "the same command" : stage.goesOnWith;
    throw new UserError(`${lock}\nNothing of this step was done. When the other update has ended, run ${command}.`);
  }
  const hasEnded = succeeded && update.kind === "end";
  if (!hasEnded) refuseInterrupted(interruption.signal);
  if (!succeeded) throw new Failure("pulumi up failed, for the reason above");
  const live = await liveShares(stage).catch((error) => {
    throw new Failure(reasonOf(error));
  });
  if (!areSame(live, update.shares))
    throw new Failure(`the load balancer has ${show(live)}; expected ${show(update.shares)}`);
  tell(`The load balancer has ${show(live)}.`);
  refuseInterrupted(interruption.signal, hasEnded);
}

/** Only the message of the last update keeps it: then the mark goes, and --back must remove the line. */
const addedLine = ({ target }: Plan, text: string, { isAdded }: Stage) =>
  target !== undefined && isAdded(text, "target") ? "target" : undefined;

const liveShares = ({ live, wait }: Stage) => readAgain("the load balancer", live, wait);

/** The shares now, and a sentence about them. */
const seenShares = (stage: Stage) =>
  liveShares(stage).then(
    (live) => ({ live, text: `The load balancer has ${show(live)}.` }),
    (error) => ({ live: undefined, text: `The shares are unknown: ${reasonOf(error)}.` }),
  );

/** Where the release stands when it neither goes on nor back. */
const stopped = (hasBegun: boolean, { goesOnWith }: Stage) =>
  hasBegun
    ? `The release stopped where it is. Fix the cause and run ${goesOnWith} to go on, or --back to go back.`
    : "Nothing was changed.";

async function previewed(text: string, hasBegun: boolean, stage: Stage): Promise<Change[]> {
  const { signal } = stage.interruption;
  try {
    return await stage.pulumi.preview(text, signal);
  } catch (error) {
    if (signal.aborted) return [];
    throw new UserError(`${reasonOf(error)}\n${stopped(hasBegun, stage)}`);
  }
}

function surprised({ title }: Update, surprises: readonly Change[], hasBegun: boolean, stage: Stage): string {
  const shown = surprises.slice(0, 10).map((change) => `  ${showChange(change)}`);
  return [
    `The step ${title} would change more than the release means. Something else was changed since the last update, in the program or in ${stage.file.name}:`,
    ...shown,
    ...(surprises.length > shown.length ? [`  and ${surprises.length - shown.length} more`] : []),
    `${stopped(hasBegun, stage)} Deploy the other change by itself: pulumi up`,
  ].join("\n");
}

/** The file as it was before the release, where no line is the release's own. */
const restored = ({ back }: Plan, { file, edited }: Stage) => withoutMarks(edited(file.read(), back));

async function goBack(plan: Plan, reason: string, stage: Stage): Promise<never> {
  const { file, tell } = stage;
  tell(`\nGoing back: ${reason}`);
  file.write(restored(plan, stage));
  const { succeeded, lock } = await stage.pulumi.up(messages.back(plan.title, stage.who));
  const { live, text } = await seenShares(stage);
  const isBack = live !== undefined && areSame(live, plan.from);
  if (succeeded && isBack)
    throw new UserError(
      `The release of ${plan.title} went back: ${reason}\nThe load balancer has ${show(live)}, and ${file.name} is as before.`,
    );
  if (succeeded && live === undefined)
    throw new UserError(
      `The release of ${plan.title} failed: ${reason}\nThe update that goes back succeeded. ${text} ${file.name} declares ${show(plan.from)}. Check them: --status`,
    );
  throw new UserError(
    [
      `The release of ${plan.title} failed: ${reason}`,
      `Going back ${isBack ? "moved the traffic, but did not finish" : "failed"}: ${lock ?? "pulumi up failed, for the reason above"}`,
      `${text} ${file.name} declares ${show(plan.from)}. Go back again: --back`,
    ].join("\n"),
  );
}

/** Goes back from a release that was interrupted. */
export async function takeBack(plan: Plan, stage: Stage): Promise<void> {
  const { file, tell } = stage;
  file.write(restored(plan, stage));
  tell(`\nGoing back to ${show(plan.from)}`);
  const { succeeded, lock } = await stage.pulumi.up(messages.back(plan.title, stage.who));
  const { live, text } = await seenShares(stage);
  if (succeeded && live === undefined)
    throw new UserError(`The update that goes back succeeded. ${text} Check them: --status`);
  if (!succeeded || live === undefined || !areSame(live, plan.from))
    throw new UserError(`Going back failed: ${lock ?? "pulumi up failed, for the reason above"}\n${text}`);
  tell(text);
}
