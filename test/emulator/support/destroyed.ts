import type { Result } from "../../engine/support/runner";
import type { Scene } from "./suite";

/**
 * Deletes all of a stack. Where an answer of the emulator was lost on its way to `proxy.ts`, the provider's second attempt hears that
 * what it deletes is not there. So once more, as a person would, and said: what is left in the account is judged by the tests themselves.
 */
export async function destroyed({ sandbox }: Scene, stack: string): Promise<Result> {
  const destroy = () => sandbox.pulumi("destroy", "--yes", "--skip-preview", "--suppress-progress", "--stack", stack);
  const first = await destroy();
  const gone = /^.*(?:NotFound|does not exist).*$/m.exec(first.output);
  if (first.code === 0 || !gone) return first;
  console.log(`  destroy of ${stack} found something gone and is run once more:\n${gone[0]}`);
  return destroy();
}
