import { type Alarm, anchor, firesWhen } from "../../components/monitoring/alarm";
import { certificateExpires } from "../../components/monitoring/certificate-alarm";
import { loadBalancerAlarms, tooFewHealthy, variantAlarms } from "../../components/monitoring/load-balancer-alarms";
import { cpuAlarm, logAlarms, memoryAlarm } from "../../components/monitoring/replica-alarms";
import { unreachable } from "../../components/monitoring/uptime-check";
import type { Settings } from "../../components/settings";
import { table } from "./table";

/** The name of a metric is the platform's; the alarm on it is not. */
const ofEither = { namespace: "", metric: "" };

/** Every alarm of a stack with these settings and one variant that serves. */
export function alarmTable({ alarms: thresholds, replicas }: Pick<Settings, "alarms" | "replicas">): string {
  const variant = [...variantAlarms(thresholds), tooFewHealthy(replicas.min)];
  const rows = [
    ...variant.map((alarm) => row("each variant", alarm)),
    ...[cpuAlarm(ofEither), memoryAlarm(ofEither)].map((alarm) => row("each variant", alarm)),
    ...loadBalancerAlarms(thresholds).map((alarm) => row("the load balancer", alarm)),
    row("the domain", unreachable),
    row("the domain", certificateExpires),
    ...logAlarms("", replicas.max).map((alarm) => row("the log", alarm)),
  ];
  return table(["Alarm", "On", "Fires when", "Then", "What to do"], rows);
}

function row(subject: string, alarm: Alarm): string[] {
  const then = [alarm.urgency === "page" ? "pages" : "warns", ...(alarm.rollsBack ? ["ECS rolls back"] : [])];
  return [
    `\`${alarm.name}\``,
    subject,
    firesWhen(alarm),
    then.join(", "),
    `${alarm.advice} [${alarm.section}](${anchor(alarm.section)})`,
  ];
}
