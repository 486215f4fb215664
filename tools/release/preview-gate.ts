import type { Update } from "./plan";

/** A change that a preview announces. */
export interface Change {
  readonly op: string;
  readonly urn: string;
}

export interface GateContext {
  /** The prefix of all resource names. */
  readonly root: string;
  /** The variants whose replicas the update may change or delete. */
  readonly variants: readonly string[];
  /** The component types of the targets that the update may delete. */
  readonly leaving: readonly string[];
}

const rules = /aws:lb\/listenerRule:ListenerRule::.*-(public|health)$/;
const alarmsAndDashboard = /\$aws:cloudwatch\/(metricAlarm|compositeAlarm|alarmMuteRule|dashboard):/;
/** Charts, queries and counts of the logs follow the variants, and the permission to pull follows the image. */
const shared = /\$aws:cloudwatch\/|\$aws:iam\/rolePolicy:|inference:aws:Registry\b/;

/** What a preview announces beyond the meaning of the update: someone else's change would be rolled out unseen. */
export function unexpected(kind: Update["kind"], changes: readonly Change[], context: GateContext): Change[] {
  return changes.filter((change) => !allowed[kind](change, context));
}

const isReplaced = (op: string) => /replace/.test(op);
const isWeights = ({ op, urn }: Change) =>
  (op === "update" && rules.test(urn)) || (!isReplaced(op) && alarmsAndDashboard.test(urn));

const allowed: Readonly<Record<Update["kind"], (change: Change, context: GateContext) => boolean>> = {
  /** Weights, alarms and the dashboard alone. */
  shift: isWeights,
  /** And everything new beside them. */
  start: (change) => isWeights(change) || change.op === "create" || (change.op === "update" && shared.test(change.urn)),
  /** And what belongs to the variants of the release. */
  end: (change, context) => isWeights(change) || shared.test(change.urn) || isOfRelease(change, context),
};

function isOfRelease({ urn }: Change, { root, variants, leaving }: GateContext): boolean {
  const [type = "", name = ""] = urn.split("::").slice(2);
  // The name of a target group may be cut.
  if (/inference:aws:VariantRoute\b/.test(type)) return true;
  return (
    leaving.some((component) => type.startsWith(component)) ||
    variants.some((variant) => name === `${root}-${variant}` || name.startsWith(`${root}-${variant}-`))
  );
}

/** delete aws:ecs/cluster:Cluster inference */
export function showChange({ op, urn }: Change): string {
  const [type = "", name = ""] = urn.split("::").slice(2);
  return `${op} ${type.split("$").at(-1)} ${name}`;
}
