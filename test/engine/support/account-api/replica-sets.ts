import { createHash } from "node:crypto";
import type { Account, Held } from "../../../fakes/account";
import { isRecord, type Properties, plainProperties } from "../../../fakes/values";

export const revision = "deployment.kubernetes.io/revision";

const record = (value: unknown): Properties => (isRecord(value) ? value : {});

/** Annotations of ReplicaSets by name; the journal has none. */
const annotated = new WeakMap<Account, Map<string, Properties>>();

/** The provider applies a Deployment with its replicas; no autoscaler takes them over here. */
export const managedFields = [
  {
    manager: "pulumi-kubernetes",
    operation: "Apply",
    fieldsV1: {
      "f:metadata": { "f:annotations": { "f:pulumi.com/skipAwait": {} }, "f:labels": { "f:app": {}, "f:variant": {} } },
      "f:spec": { "f:replicas": {}, "f:selector": {}, "f:template": { "f:spec": { "f:containers": {} } } },
    },
  },
];

interface Version {
  readonly name: string;
  readonly template: Properties;
}

/** The pod templates that a Deployment has had, the current one last. One that failed is not in the journal. */
function versionsOf(account: Account, { urn, failure }: Held): Version[] {
  const entries = account.entries().filter((entry) => entry.urn === urn && entry.phase === "end");
  const sinceCreation = entries.slice(entries.findLastIndex(({ op }) => op === "create"));
  const versions = new Map<string, Version>();
  for (const { inputs } of sinceCreation) {
    if (inputs === undefined) continue;
    const template = record(record(plainProperties(inputs).spec).template);
    const hash = createHash("sha256").update(JSON.stringify(template)).digest("hex").slice(0, 10);
    versions.delete(hash);
    versions.set(hash, { name: `${urn.split("::").pop()}-${hash}`, template });
  }
  const failed = failure?.op === "update" ? [{ name: "failed", template: {} }] : [];
  return [...versions.values(), ...failed];
}

export const newest = (account: Account, held: Held) => String(versionsOf(account, held).length);

export function describeReplicaSets(account: Account, held: Held) {
  return versionsOf(account, held).map(({ name, template }, index) => ({
    metadata: {
      name,
      ownerReferences: [{ uid: held.urn }],
      annotations: { ...annotated.get(account)?.get(name), [revision]: String(index + 1) },
    },
    spec: { template },
    status: { availableReplicas: 0 },
  }));
}

export function annotate(account: Account, path: string, patch: Properties): Properties {
  const name = path.split("/").pop() ?? "";
  const all = annotated.get(account) ?? new Map<string, Properties>();
  annotated.set(account, all);
  all.set(name, { ...all.get(name), ...record(record(patch.metadata).annotations) });
  return { metadata: { name } };
}
