import { type Alarm, anchor, firesWhen, type Limits, type Scope, scopes } from "../../components/monitoring/alarm";
import { alarms } from "../../components/monitoring/alarms";
import { limitsOf } from "../../components/monitoring/limits";
import type { Settings } from "../../components/settings";
import { table } from "./table";

/** Every alarm of the catalogue, with the thresholds of a stack with these settings and one variant. */
export function alarmTable({
  alarms: thresholds,
  replicas,
  schedule,
}: Pick<Settings, "alarms" | "replicas" | "schedule">) {
  const limits = limitsOf({ spec: { replicas, schedule } }, thresholds);
  const rows = (Object.keys(scopes) as Scope[]).flatMap((scope) =>
    alarms.filter((alarm) => alarm.scope === scope).map((alarm) => row(alarm, limits)),
  );
  return table(["Alarm", "On", "Fires when", "Then", "What to do"], rows);
}

/** An alarm on lines that only our server writes is not created for another container. */
function onOf(alarm: Alarm): string {
  const everywhere = alarm.scope !== "logs" || Object.values(alarm.signals).every(({ patterns }) => patterns.text);
  return everywhere ? scopes[alarm.scope] : `${scopes[alarm.scope]} of our server`;
}

function row(alarm: Alarm, limits: Limits): string[] {
  const then = [alarm.urgency === "page" ? "pages" : "warns", ...(alarm.rollsBack ? ["rolls back"] : [])];
  return [
    `\`${alarm.name}\``,
    onOf(alarm),
    firesWhen(alarm, limits),
    then.join(", "),
    `${alarm.advice} [${alarm.runbook}](${anchor(alarm.runbook)})`,
  ];
}
