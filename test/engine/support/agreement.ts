import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Held } from "../../fakes/account";
import { nameOf, type Properties, typeOf } from "../../fakes/values";
import type { Sandbox } from "./sandbox";

interface StateResource {
  readonly urn: string;
  readonly id?: string;
  readonly custom: boolean;
  readonly external?: boolean;
  readonly delete?: boolean;
  readonly initErrors?: readonly string[];
  readonly retainOnDelete?: boolean;
  readonly outputs?: Properties;
}

interface State {
  readonly resources?: readonly StateResource[];
  readonly pending_operations?: readonly { readonly resource: StateResource }[];
}

/** Compares the state of a stack with the account. Nothing else may have changed the account. */
export class Agreement {
  /** Ids of what the engine leaves in the account when it deletes it from the state. */
  private readonly retained = new Set<string>();

  constructor(
    private readonly sandbox: Sandbox,
    private readonly stack: string,
  ) {}

  /** Remembers what the engine may leave behind; before a command that may delete it. */
  note(): void {
    for (const one of managed(this.state())) if (one.retainOnDelete) this.retained.add(keyOf(one));
  }

  /** The resources of the state that exist in the account. */
  resources(): string[] {
    return managed(this.state()).map(labelOf);
  }

  /** What the account has, and the state does not. */
  strays(): Held[] {
    const known = new Set([...managed(this.state()).map(keyOf), ...this.retained]);
    return this.sandbox.account.held().filter((one) => !known.has(keyOf(one)));
  }

  /** What the account lacks, and what the state holds as unfinished. */
  problems(): string[] {
    const state = this.state();
    const declared = managed(state);
    const existing = new Set(this.sandbox.account.held().map(keyOf));
    return [
      ...declared.filter((one) => !existing.has(keyOf(one))).map((one) => `only in the state: ${labelOf(one)}`),
      ...declared.filter((one) => one.delete).map((one) => `still to be deleted: ${labelOf(one)}`),
      ...declared.filter((one) => one.initErrors?.length).map((one) => `not initialized: ${labelOf(one)}`),
      ...(state.pending_operations ?? []).map(({ resource }) => `pending: ${labelOf(resource)}`),
    ];
  }

  /** From the backend's file: each export by the CLI takes seconds. */
  private state(): State {
    const file = join(this.sandbox.backend, ".pulumi/stacks/inference", `${this.stack}.json`);
    const { checkpoint } = JSON.parse(readFileSync(file, "utf8")) as { checkpoint: { latest?: State } };
    return checkpoint.latest ?? {};
  }
}

/** Resources that a provider created. Providers exist in the state only. */
const managed = ({ resources = [] }: State) =>
  resources.filter(({ urn, custom, external }) => custom && !external && !typeOf(urn).startsWith("pulumi:providers:"));

export const labelOf = ({ urn }: { readonly urn: string }) => `${typeOf(urn)} ${nameOf(urn)}`;

/** Revisions of a task definition share their id. */
const keyOf = ({ urn, id, outputs }: { readonly urn: string; readonly id?: string; readonly outputs?: Properties }) =>
  `${typeOf(urn)} ${typeof outputs?.arn === "string" ? outputs.arn : id}`;
