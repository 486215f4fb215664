import { type Entry, type Held, Holdings } from "../../fakes/account";
import { isRecord, nameOf, recordsIn, typeOf } from "../../fakes/values";
import { targetsBehind } from "./account-api/health";
import { rule } from "./flips";

/** Groups that the rule forwards requests to. */
const groupsOf = ({ inputs }: Held) =>
  recordsIn(inputs.actions)
    .flatMap(({ forward }) => (isRecord(forward) ? recordsIn(forward.targetGroups) : []))
    .filter(({ weight }) => Number(weight) > 0)
    .map(({ arn }) => String(arn));

function lostNow(holdings: Holdings): string | undefined {
  const rules = holdings.of(rule).filter(({ name }) => name.endsWith("-public"));
  if (rules.length === 0) return "no public rule";
  const empty = rules.flatMap(groupsOf).find((group) => targetsBehind(holdings, group) === 0);
  return empty && `no replica behind ${empty.split("/")[1]}`;
}

/**
 * The operations since then after which the public rule of a stack that served requests sent some to a group without replicas, or
 * did not exist.
 */
export function unserved(entries: readonly Entry[], since: number): string[] {
  const holdings = new Holdings();
  for (const entry of entries.slice(0, since)) holdings.learn(entry);
  if (lostNow(holdings) !== undefined) return [];
  let before: string | undefined;
  return entries.slice(since).flatMap((entry) => {
    holdings.learn(entry);
    if (entry.phase !== "end" || entry.op === "read" || entry.op === "invoke") return [];
    const lost = lostNow(holdings);
    const isNew = lost !== undefined && lost !== before;
    before = lost;
    return isNew ? [`requests lost: ${lost}, after ${entry.op} ${typeOf(entry.urn)} ${nameOf(entry.urn)}`] : [];
  });
}
