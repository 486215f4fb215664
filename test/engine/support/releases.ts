import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Entry } from "../../fakes/account";
import { isRecord, recordsIn } from "../../fakes/values";
import { Flips, rule } from "./flips";
import type { Result, Running } from "./runner";
import type { Sandbox } from "./sandbox";

export const image = (letter: string) => `ghcr.io/team/model@sha256:${letter.repeat(64)}`;
const group = "aws:lb/targetGroup:TargetGroup";

export type Weights = Readonly<Record<string, number>>;

/** A deployed stack dev, and the release command on it. */
export class Releases {
  readonly flips: Flips;
  private marked = 0;

  constructor(readonly sandbox: Sandbox) {
    this.flips = new Flips(sandbox);
    sandbox.edit("components/traffic/drain.ts", "const marginSeconds = 5", "const marginSeconds = 0");
  }

  start(...args: string[]): Running {
    return this.sandbox.startRelease("--stack", "dev", "--yes", "--bake", "1s", ...args);
  }

  run(...args: string[]): Promise<Result> {
    return this.start(...args).result;
  }

  file(): string {
    return readFileSync(join(this.sandbox.project, "Pulumi.dev.yaml"), "utf8");
  }

  write(file: string): void {
    writeFileSync(join(this.sandbox.project, "Pulumi.dev.yaml"), file);
  }

  state(): string {
    return readFileSync(join(this.sandbox.backend, ".pulumi/stacks/inference/dev.json"), "utf8");
  }

  /** Of the public rule, by variant. */
  weights(): Weights {
    const held = this.sandbox.account.of(rule).find(({ name }) => name.endsWith("-public"));
    return this.weightsIn(held?.inputs);
  }

  /** The variants of a change of the public rule; undefined for every other entry. */
  weightsOf({ phase, op, urn, inputs }: Entry): Weights | undefined {
    const isRule = phase === "end" && op === "update" && urn.endsWith("::inference-public");
    return isRule ? this.weightsIn(inputs) : undefined;
  }

  mark(): void {
    this.marked = this.sandbox.mark();
  }

  /** Resolves when the account has the entry, after the mark. */
  async reaches(what: string, found: (entry: Entry) => boolean, running: Running): Promise<void> {
    const ended = running.result.then(({ output }) => {
      throw new Error(`${what} did not happen:\n${output}`);
    });
    const mark = this.marked;
    await Promise.race([this.sandbox.waitFor(what, (entry, index) => index >= mark && found(entry), 400_000), ended]);
  }

  /** Resolves when the command has printed it. */
  async prints(text: RegExp, running: Running): Promise<void> {
    let ended = false;
    const ends = running.result.finally(() => {
      ended = true;
    });
    while (!ended && !text.test(running.printed())) await Promise.race([delay(100), ends]);
    assert.match(running.printed(), text);
  }

  /** Kills a release, and all that it started, once the account has the entry. */
  async killWhere(what: string, found: (entry: Entry) => boolean, args: readonly string[]): Promise<void> {
    this.mark();
    const running = this.start(...args);
    await this.reaches(what, found, running);
    await this.kill(running);
  }

  /** Kills the command with everything that it started, as a power loss would. */
  async kill(running: Running): Promise<void> {
    running.killAll();
    await running.result;
    this.sandbox.clearInjected();
  }

  /** The files of locks on the stack. */
  locks(): string[] {
    const folder = join(this.sandbox.backend, ".pulumi/locks");
    const found = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: "utf8" }) : [];
    return found.filter((name) => name.endsWith(".json"));
  }

  /** A kill in the middle of a write leaves an empty file; docs/runbook.md has the way out. */
  unlock(): Promise<Result> {
    const attributes = join(this.sandbox.backend, ".pulumi/stacks/inference/dev.json.attrs");
    if (statSync(attributes).size === 0) rmSync(attributes);
    return this.sandbox.must("cancel", "--yes", "dev");
  }

  private weightsIn(inputs: Entry["inputs"]): Weights {
    const forward = recordsIn(inputs?.actions).flatMap((action) => (isRecord(action.forward) ? [action.forward] : []));
    const groups = forward.flatMap(({ targetGroups }) => recordsIn(targetGroups));
    const nameOf = (arn: unknown) => this.sandbox.account.of(group).find(({ id }) => id === arn)?.name ?? String(arn);
    return Object.fromEntries(groups.map(({ arn, weight }) => [nameOf(arn).replace("inference-", ""), Number(weight)]));
  }
}
