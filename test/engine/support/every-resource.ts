import type { FirstFailure } from "../../fakes/injected-failures";
import { nameOf, typeOf } from "../../fakes/values";
import { Agreement, labelOf } from "./agreement";
import { survive } from "./first-failures";
import { Flips } from "./flips";
import type { Result } from "./runner";
import type { Sandbox } from "./sandbox";
import type { Stage } from "./stages";
import { succeeds } from "./succeeds";
import { unserved } from "./unserved";

export interface Outcome {
  readonly stage: string;
  /** In the state after an update, or before a destroy. */
  readonly resources: number;
  /** Changes that failed once, as "create aws:ecs/service:Service name". */
  readonly failed: readonly string[];
  readonly commands: number;
  readonly seconds: number;
  /** What AWS created without an answer, so that the state does not know it. */
  readonly strays: readonly string[];
  readonly defects: readonly string[];
}

const destroy = ["destroy", "--yes", "--skip-preview", "--suppress-progress"];

/** Takes a stack through its stages, in each of which every operation fails once. */
export class EveryResource {
  private readonly agreement: Agreement;

  constructor(
    private readonly sandbox: Sandbox,
    private readonly stack: string,
    /** Prints how far a stage is. */
    private readonly progress: (text: string) => void = () => {},
  ) {
    new Flips(sandbox);
    this.agreement = new Agreement(sandbox, stack);
  }

  /** Takes the stack through a stage in which nothing fails. */
  async reach(stage: Stage): Promise<void> {
    this.agreement.note();
    succeeds(await this.prepared(stage)());
  }

  async pass(stage: Stage, how: FirstFailure["how"]): Promise<Outcome> {
    const { sandbox, agreement } = this;
    const { title, keys } = stage;
    const startedMs = Date.now();
    const mark = sandbox.mark();
    agreement.note();
    const before = agreement.resources();
    const run = this.prepared(stage);
    const strays: string[] = [];
    const deleteStrays = () => {
      const found = this.deleteStrays();
      strays.push(...found);
      return found.length > 0;
    };
    // A stage may come twice.
    const failure = { how, stage: `${title} after ${mark} entries` };
    const progress = (text: string) => this.progress(`${title}: ${text}`);
    const survival = await survive(sandbox, failure, run, {
      help: how === "lost" ? deleteStrays : undefined,
      progress,
    });
    agreement.note();
    deleteStrays();
    const defects = [
      ...(survival.stuck === undefined ? [] : [`does not succeed: ${errorsIn(survival.stuck)}`]),
      ...this.changed(mark).flatMap((change) => (survival.failed.includes(change) ? [] : [`never failed: ${change}`])),
      ...(how === "lost" ? [] : strays.map((stray) => `left over: ${stray}`)),
      ...agreement.problems(),
      ...(keys ? await this.drift() : []),
      ...(keys ? unserved(sandbox.account.entries(), mark) : []),
    ];
    const { length: resources } = keys ? agreement.resources() : before;
    const { failed, commands } = survival;
    const seconds = Math.round((Date.now() - startedMs) / 1_000);
    return { stage: title, resources, failed, commands, seconds, strays, defects };
  }

  /** Changes program and stack file, and returns the command that applies them. */
  private prepared({ keys, edit }: Stage): () => Promise<Result> {
    const { sandbox } = this;
    edit?.(sandbox);
    if (keys) sandbox.configure(this.stack, keys);
    return () => (keys ? sandbox.up("--continue-on-error") : sandbox.pulumi(...destroy, "--continue-on-error"));
  }

  /** As docs/runbook.md says. */
  private deleteStrays(): string[] {
    const strays = this.agreement.strays();
    for (const { urn, id, outputs } of strays) {
      this.sandbox.account.write({ phase: "end", operation: "drift", op: "delete", urn, id, outputs });
    }
    return strays.map(labelOf);
  }

  private changed(mark: number): string[] {
    const changes = this.sandbox.account
      .entries()
      .slice(mark)
      .filter(({ phase, operation }) => phase === "end" && operation !== "drift")
      .filter(({ op }) => op === "create" || op === "update" || op === "delete");
    return [...new Set(changes.map(({ op, urn }) => `${op} ${typeOf(urn)} ${nameOf(urn)}`))];
  }

  /** What another update would change after the state was read from the account. */
  private async drift(): Promise<string[]> {
    const { code, output } = await this.sandbox.up("--refresh", "--expect-no-changes");
    return code === 0 ? [] : [`another update changes something: ${errorsIn(output)}`];
  }
}

/** The part of the output that names the errors. */
const errorsIn = (output: string) => output.slice(Math.max(0, output.indexOf("Diagnostics:"))).slice(0, 3_000);
