import type { Result } from "../../engine/support/runner";
import type { Scene } from "./suite";

/**
 * Destroys a stack. When the emulator loses the answer of a deletion before it reaches the proxy, the provider's retry fails with
 * "not found". Destroy is then run once more, as a person would, and prints so; the tests check what is left in the account.
 */
export async function destroyed({ sandbox }: Scene, stack: string): Promise<Result> {
  const destroy = () => sandbox.pulumi("destroy", "--yes", "--skip-preview", "--suppress-progress", "--stack", stack);
  const first = await destroy();
  const gone = /^.*(?:NotFound|does not exist).*$/m.exec(first.output);
  if (first.code === 0 || !gone) return first;
  console.log(`  destroy of ${stack} is run again: a resource was already gone:\n${gone[0]}`);
  return destroy();
}
