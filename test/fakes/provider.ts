import { randomBytes, randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import * as provider from "@pulumi/pulumi/provider";
import { Account, type Held, type Operation } from "./account";
import { firstFailure, type InjectedFailure, injectedFailure } from "./injected-failures";
import { declaredProperties } from "./sdk";
import { nameOf, type Properties, plain, plainProperties, typeOf } from "./values";

export interface Realised {
  id: string;
  outputs: Properties;
}

/** The part of a fake provider that differs from package to package. */
export interface Cloud {
  /** Id and computed outputs of a new or changed resource. */
  realise(urn: string, inputs: Properties, account: Account, existing?: Held): Realised | Promise<Realised>;
  /** Side effects of a deletion outside the account. */
  remove?(subject: Held): Promise<void>;
  /** The error with which the cloud refuses the operation. */
  refuses?(op: Operation, subject: Held, account: Account): string | undefined;
  /** The reason of a rollback, from an injected failure. */
  rollsBack?(subject: Held, failure: InjectedFailure): string | undefined;
  replacedBy?(type: string, changed: string[]): string[];
  autonamed?(type: string): boolean;
  invoke?(token: string, inputs: Properties, account: Account): Properties;
  construct?: provider.Provider["construct"];
}

/** Inputs that the state keeps for the next diff: their keys, and the values that outputs replace. */
interface Given {
  keys: string[];
  hidden: Properties;
}

function stateOf(inputs: Properties, outputs: Properties): Properties {
  const hidden = Object.entries(inputs).filter(([key]) => key in outputs);
  const given: Given = { keys: Object.keys(inputs), hidden: Object.fromEntries(hidden) };
  return { ...inputs, ...outputs, __given: given };
}

/** The SDK turns these fields into the engine's failed initialization: the state keeps the resource, and the next update tries again. */
const unfinished = (message: string, { id, outs }: { id: string; outs: Properties }) =>
  Object.assign(new Error(message), { id, properties: outs, reasons: [message] });

/** A provider that manages a fake account. */
export class FakeProvider implements provider.Provider {
  readonly version: string;
  readonly construct: provider.Provider["construct"];
  private readonly account: Account;
  private cancelled = new AbortController();

  constructor(
    pkg: string,
    private readonly cloud: Cloud,
  ) {
    const folder = process.env.FAKE_ACCOUNT;
    if (folder === undefined) throw new Error("FAKE_ACCOUNT: not set; expected the folder of the fake account");
    this.account = new Account(folder);
    this.version = require(`@pulumi/${pkg}/package.json`).version;
    this.construct = cloud.construct;
  }

  async check(urn: string, olds: Properties, news: Properties): Promise<provider.CheckResult> {
    const type = typeOf(urn);
    const failures = declaredProperties(type)
      .required.filter((property) => news[property] === undefined || news[property] === null)
      .map((property) => ({ property, reason: `${type} "${nameOf(urn)}": ${property} is undefined; it is required` }));
    const inputs: Properties = { ...news, __defaults: [] };
    if (this.cloud.autonamed?.(type) && news.name === undefined && news.namePrefix === undefined) {
      inputs.name = olds.name ?? `${nameOf(urn)}-${randomBytes(4).toString("hex").slice(0, 7)}`;
      inputs.__defaults = ["name"];
    }
    return { inputs, failures };
  }

  async diff(_id: string, urn: string, olds: Properties, news: Properties): Promise<provider.DiffResult> {
    const { keys, hidden } = (olds.__given ?? { keys: [], hidden: {} }) as Given;
    const changed = [...new Set([...Object.keys(news), ...keys])]
      .filter((key) => !key.startsWith("__"))
      .filter((key) => !isDeepStrictEqual(hidden[key] ?? olds[key], news[key]));
    const replaces = this.cloud.replacedBy?.(typeOf(urn), changed) ?? [];
    const nameIsFixed =
      typeof news.name === "string" && news.name === olds.name && !(news.__defaults as string[]).includes("name");
    return { changes: changed.length > 0, replaces, deleteBeforeReplace: replaces.length > 0 && nameIsFixed };
  }

  async create(urn: string, inputs: Properties): Promise<provider.CreateResult> {
    const subject = { urn, type: typeOf(urn), name: nameOf(urn), id: "", inputs: plainProperties(inputs), outputs: {} };
    return this.perform("create", subject, inputs, async () => {
      const { id, outputs } = await this.cloud.realise(urn, subject.inputs, this.account);
      return { id, outs: stateOf(inputs, outputs) };
    });
  }

  async update(id: string, urn: string, olds: Properties, news: Properties): Promise<provider.UpdateResult> {
    const existing = this.account.find(urn, id, olds);
    if (existing === undefined) throw new Error(`${urn}: ${id} no longer exists`);
    return this.perform("update", { ...existing, inputs: plainProperties(news) }, news, async () => {
      const { outputs } = await this.cloud.realise(urn, plainProperties(news), this.account, existing);
      return { id, outs: stateOf(news, outputs) };
    });
  }

  async delete(id: string, urn: string, state: Properties): Promise<void> {
    const existing = this.account.find(urn, id, state);
    if (existing === undefined) return;
    await this.perform("delete", existing, existing.inputs, async () => {
      await this.cloud.remove?.(existing);
      return { id, outs: existing.outputs };
    });
  }

  async read(id: string, urn: string, state: Properties = {}): Promise<provider.ReadResult> {
    const found = this.account.find(urn, id, state);
    this.account.write({ phase: "end", operation: randomUUID(), op: "read", urn, id });
    if (found === undefined) return {};
    // The account stores no secret envelopes, so unchanged values keep those of the state.
    const current = Object.entries({ ...state, ...found.outputs }).map(([key, value]) => [
      key,
      isDeepStrictEqual(plain(state[key]), value) ? state[key] : value,
    ]);
    const props = Object.fromEntries(current) as Properties;
    // A resource that somebody else created has no such entry.
    const { keys, hidden } = (props.__given ?? { keys: [], hidden: {} }) as Given;
    return { id, props, inputs: Object.fromEntries(keys.map((key) => [key, hidden[key] ?? props[key]])) };
  }

  async invoke(token: string, inputs: Properties): Promise<provider.InvokeResult> {
    await this.applyInjected("invoke", { name: token, type: "" });
    const outputs = this.cloud.invoke?.(token, plainProperties(inputs), this.account);
    if (outputs === undefined) throw new Error(`${token}: the fake provider has no answer for this function`);
    this.account.write({ phase: "end", operation: randomUUID(), op: "invoke", urn: token, inputs, outputs });
    return { outputs };
  }

  async cancel(): Promise<void> {
    this.cancelled.abort();
    // This process may also serve the next command.
    this.cancelled = new AbortController();
  }

  private async perform(
    op: Operation,
    subject: Held,
    inputs: Properties,
    act: () => Promise<{ id: string; outs: Properties }>,
  ): Promise<{ id: string; outs: Properties }> {
    const line = { operation: randomUUID(), op, urn: subject.urn, id: subject.id };
    this.account.write({ phase: "begin", ...line });
    try {
      const first = firstFailure(this.account, op, subject.urn);
      if (first?.how === "refused") throw new Error(first.message);
      const failure = await this.applyInjected(op, subject);
      const refusal = this.cloud.refuses?.(op, subject, this.account);
      if (refusal !== undefined) throw new Error(refusal);
      const result = await act();
      const state = { inputs, outputs: result.outs };
      const reason = failure && this.cloud.rollsBack?.(subject, failure);
      const kept = reason === undefined ? state : { reason, ...(op === "create" ? state : {}) };
      this.account.write({ phase: "end", ...line, id: result.id, ...kept });
      if (first !== undefined)
        throw first.how === "lost" ? new Error(first.message) : unfinished(first.message, result);
      return result;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.account.write({ phase: "refused", ...line, reason });
      throw error;
    }
  }

  private async applyInjected(
    op: Operation,
    subject: { name: string; type: string },
  ): Promise<InjectedFailure | undefined> {
    const failure = injectedFailure(this.account.folder, op, subject);
    if (failure?.does === "fail")
      throw new Error(failure.message ?? `${op} of ${subject.name} failed: injected by the test`);
    const waitMs = failure?.does === "hang" ? 2 ** 31 - 1 : failure?.does === "slow" ? (failure.milliseconds ?? 0) : 0;
    if (waitMs > 0) {
      await delay(waitMs, undefined, { signal: this.cancelled.signal }).catch(() => {
        throw new Error(`${op} of ${subject.name} was cancelled`);
      });
    }
    return failure;
  }
}

export function serve(pkg: string, cloud: Cloud): void {
  void provider.main(new FakeProvider(pkg, cloud), process.argv.slice(2));
}
