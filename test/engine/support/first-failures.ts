import type { FirstFailure } from "../../fakes/injected-failures";
import { firstMessage } from "../../fakes/injected-failures";
import { nameOf, typeOf } from "../../fakes/values";
import type { Result } from "./runner";
import type { Sandbox } from "./sandbox";

export interface Survival {
  /** Changes that failed once, as "create aws:ecs/service:Service name". */
  readonly failed: readonly string[];
  /** Until one succeeded, with that one. */
  readonly commands: number;
  /** The output of a command that failed for another reason. */
  readonly stuck?: string;
}

interface SurvivalOptions {
  /** What a person does after a command that failed for another reason; false if there is nothing to do. */
  readonly help?: () => boolean;
  /** Prints what a command did. */
  readonly progress?: (text: string) => void;
}

/**
 * Lets the first operation of its kind fail on every resource, and repeats the command until it succeeds. With `--continue-on-error`
 * the number of commands is about the depth of the dependencies.
 */
export async function survive(
  sandbox: Sandbox,
  failure: FirstFailure,
  command: () => Promise<Result>,
  { help = () => false, progress = () => {} }: SurvivalOptions = {},
): Promise<Survival> {
  const failedOnce = () =>
    sandbox.account
      .entries()
      .filter(({ phase, reason }) => phase === "refused" && reason === firstMessage(failure))
      .map(({ op, urn }) => `${op} ${typeOf(urn)} ${nameOf(urn)}`);
  sandbox.failFirst(failure);
  try {
    for (let commands = 1; ; commands += 1) {
      const before = failedOnce().length;
      const startedMs = Date.now();
      const { code, output } = await command();
      const failed = failedOnce();
      const seconds = Math.round((Date.now() - startedMs) / 1_000);
      progress(`command ${commands} took ${seconds} s, ${failed.length} operations have failed once`);
      if (code === 0) return { failed, commands };
      // Every failure happens once, so a command without a new one fails for another reason.
      if (failed.length === before && !help()) return { failed, commands, stuck: output };
    }
  } finally {
    sandbox.failFirst(undefined);
  }
}
