import assert from "node:assert/strict";
import type { Result } from "./runner";

/** A command that did its work and shows nobody an error: what a provider logs as one Pulumi counts, and calls the stack failed. */
export function succeeds<R extends Result>(result: R): R {
  assert.equal(result.code, 0, result.output);
  assert.doesNotMatch(result.output, /^ +error: /m, `it ended well and shows an error:\n${result.output}`);
  return result;
}
