import type { Result } from "../support/engine/runner";
import type { Scene } from "./suite";

/**
 * Deletes all of a stack. The emulator drops an answer now and then; who then asks again to delete the same is told that it is not
 * there. So once more, as a person would: what is left in the account afterwards is judged by the tests themselves.
 */
export async function destroyed({ lab }: Scene, stack: string): Promise<Result> {
  const destroy = () => lab.pulumi("destroy", "--yes", "--skip-preview", "--suppress-progress", "--stack", stack);
  const first = await destroy();
  const isGone = first.code !== 0 && /NotFound|does not exist/.test(first.output);
  return isGone ? destroy() : first;
}
