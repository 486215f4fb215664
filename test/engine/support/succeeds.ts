import assert from "node:assert/strict";
import type { Result } from "./runner";

/** Asserts exit code 0 and no printed error: the Pulumi console shows a stack with a logged error as failed. */
export function succeeds<R extends Result>(result: R): R {
  assert.equal(result.code, 0, result.output);
  assert.doesNotMatch(result.output, /^ +error: /m, `it exited with 0 and printed an error:\n${result.output}`);
  return result;
}
