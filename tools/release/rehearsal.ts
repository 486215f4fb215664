import { UserError } from "../cli/user-error";
import type { Plan } from "./plan";
import { changedLines, edited, type FilePlace, withoutMarks } from "./stack-file";

/** Refuses, before anything is done, a file that a later update could not edit, or that would not have every byte of before after going back. */
export function rehearse(text: string, { updates, back }: Pick<Plan, "updates" | "back">, place: FilePlace): void {
  let during = text;
  for (const { edits } of updates) {
    during = edited(during, edits, place);
    const restored = withoutMarks(edited(during, back, place));
    if (restored === withoutMarks(text)) continue;
    const [line = ""] = changedLines(text, restored);
    throw new UserError(
      `${place.file}: a release that goes back would not restore the line "${line.slice(1).trim()}". Write it as the Pulumi CLI does, such as target: ecs`,
    );
  }
}

/** Whether the plan passes its rehearsal. */
export function passes(text: string, plan: Pick<Plan, "updates" | "back">, place: FilePlace): boolean {
  try {
    rehearse(text, plan, place);
    return true;
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}
