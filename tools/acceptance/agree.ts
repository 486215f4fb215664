import { UserError } from "../cli/user-error";
import type { Arguments } from "./arguments";
import { ask } from "./ask";
import { described, refuseTooDear } from "./estimate";
import type { Prepared } from "./prepare";

type Asked = Pick<Arguments, "yes" | "maxCostUsd" | "resume">;
type Offered = Pick<Prepared, "progress" | "steps" | "discard">;

/** Prints what the run does and costs, and asks. Without a yes it leaves no file. */
export async function agree(
  { yes, maxCostUsd, resume }: Asked,
  { progress, steps, discard }: Offered,
  terminal?: Parameters<typeof ask>[2],
): Promise<void> {
  const { stack, region, estimate, differences } = progress;
  console.log(`Stack ${stack} in ${region}, ${steps.length} steps, from nothing to nothing.`);
  for (const text of differences) console.log(`  ${text}`);
  console.log(described(estimate));
  try {
    refuseTooDear(estimate, maxCostUsd);
    if (yes || resume) return;
    const answer = await ask("Run it?", { otherwise: false }, terminal);
    if (answer === undefined) throw new UserError("Nobody can be asked here. To run it without a question, add --yes");
    if (!answer) throw new UserError("Nothing was created.");
  } catch (error) {
    discard();
    throw error;
  }
}
