import { appendFileSync, closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { nameOf, type Properties, plainProperties, stringsIn, typeOf } from "./values";

export type Operation = "create" | "update" | "delete" | "read" | "invoke";

export interface Entry {
  phase: "begin" | "end" | "refused";
  /** Links the end of an operation to its begin. */
  operation: string;
  op: Operation;
  /** The urn of the resource, or the token of the function. */
  urn: string;
  atMs: number;
  id?: string;
  inputs?: Properties;
  outputs?: Properties;
  /** Why it was refused, or why an accepted version does not run. */
  reason?: string;
}

export interface Held {
  urn: string;
  type: string;
  name: string;
  id: string;
  inputs: Properties;
  outputs: Properties;
  /** The failure of its latest change. */
  failure?: { op: Operation; reason: string };
}

/** What exists after the entries that it has learnt. */
export class Holdings {
  private readonly existing = new Map<string, Held>();

  learn(entry: Entry): void {
    if (entry.phase !== "end" || entry.id === undefined) return;
    const key = keyOf(entry.urn, entry.id, entry.outputs);
    if (entry.op === "delete") this.existing.delete(key);
    if (entry.op !== "create" && entry.op !== "update") return;
    const { urn, id } = entry;
    const before = this.existing.get(key);
    this.existing.set(key, {
      urn,
      type: typeOf(urn),
      name: nameOf(urn),
      id,
      inputs: entry.inputs === undefined ? (before?.inputs ?? {}) : plainProperties(entry.inputs),
      outputs: { ...before?.outputs, ...plainProperties(entry.outputs ?? {}) },
      failure: entry.reason === undefined ? undefined : { op: entry.op, reason: entry.reason },
    });
  }

  held(): Held[] {
    return [...this.existing.values()];
  }

  of(type: string): Held[] {
    return this.held().filter((one) => one.type === type);
  }
}

/**
 * The account that the fake providers manage. Its only state is a journal on disk, so that all provider processes of all
 * deployments, and the test, share one account.
 */
export class Account {
  private readonly journal: string;
  private readonly known: Entry[] = [];
  private readonly holdings = new Holdings();
  /** Bytes of the journal that were read. */
  private read = 0;

  constructor(readonly folder: string) {
    this.journal = join(folder, "journal.jsonl");
  }

  entries(): readonly Entry[] {
    this.catchUp();
    return this.known;
  }

  write(entry: Omit<Entry, "atMs">): void {
    appendFileSync(this.journal, `${JSON.stringify({ ...entry, atMs: Date.now() })}\n`);
  }

  /** Resources that exist now. During a replacement, two revisions of one resource may exist. */
  held(): Held[] {
    this.catchUp();
    return this.holdings.held();
  }

  /** Reads what other processes added to the journal. */
  private catchUp(): void {
    if (!existsSync(this.journal)) return;
    const file = openSync(this.journal, "r");
    try {
      const news = Buffer.alloc(fstatSync(file).size - this.read);
      const whole = news.subarray(0, readSync(file, news, 0, news.length, this.read));
      // The last line may be incomplete.
      const end = whole.lastIndexOf("\n") + 1;
      this.read += end;
      for (const line of whole.subarray(0, end).toString().split("\n")) {
        if (line === "") continue;
        const entry = JSON.parse(line) as Entry;
        this.known.push(entry);
        this.holdings.learn(entry);
      }
    } finally {
      closeSync(file);
    }
  }

  /** A change outside Pulumi, as scaling or a person in the console makes it. */
  drift(urn: string, properties: Properties): void {
    const found = this.held().find((one) => one.urn === urn);
    if (found === undefined) throw new Error(`${urn} does not exist, so it cannot drift`);
    const inputs = { ...found.inputs, ...properties };
    const outputs = { ...found.outputs, ...properties };
    this.write({ phase: "end", operation: "drift", op: "update", urn, id: found.id, inputs, outputs });
  }

  /** A resource that somebody else created, before the stack or beside it. */
  add(type: string, name: string, id: string, inputs: Properties, outputs: Properties = {}): void {
    const urn = `urn:pulumi:others::others::${type}::${name}`;
    const found = { arn: id, ...inputs, ...outputs };
    this.write({ phase: "end", operation: "drift", op: "create", urn, id, inputs, outputs: found });
  }

  of(type: string): Held[] {
    return this.held().filter((one) => one.type === type);
  }

  find(urn: string, id: string, outputs?: Properties): Held | undefined {
    const key = keyOf(urn, id, outputs);
    return this.held().find((one) => keyOf(one.urn, one.id, one.outputs) === key);
  }
}

/** Revisions of a task definition share the family as their id, so the ARN takes precedence. */
function keyOf(urn: string, id: string, outputs?: Properties): string {
  const arn = outputs?.arn;
  return `${typeOf(urn)} ${typeof arn === "string" ? arn : id}`;
}

/** True when the inputs of one resource contain the id or ARN of the other. */
export function refersTo(from: Held, to: Held): boolean {
  const identities = [to.id, to.outputs.arn].filter((one): one is string => typeof one === "string" && one !== "");
  return from.urn !== to.urn && stringsIn(from.inputs).some((text) => identities.includes(text));
}
