import assert from "node:assert/strict";
import { declaredStack } from "../../support/mock-cloud";
import type { PlanUnderTest } from "../../support/plan-under-test";

const kinds = {
  composite: "aws:cloudwatch/compositeAlarm:CompositeAlarm",
  metric: "aws:cloudwatch/metricAlarm:MetricAlarm",
  mute: "aws:cloudwatch/alarmMuteRule:AlarmMuteRule",
};
const days = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const weekMinutes = 7 * 24 * 60;

/** Minutes since Sunday began, where the clock shows that time. */
function minuteOfWeek(instant: Date, timeZone: string): number {
  const shown = new Intl.DateTimeFormat("en-GB", { timeZone, weekday: "short", hour: "2-digit", minute: "2-digit" });
  const part = Object.fromEntries(shown.formatToParts(instant).map(({ type, value }) => [type, value]));
  const day = days.indexOf(String(part.weekday).toUpperCase());
  return (day * 24 + Number(part.hour)) * 60 + Number(part.minute);
}

interface Schedule {
  readonly expression: string;
  readonly duration: string;
  readonly timezone: string;
}

/** CloudWatch's rule: from each time that the expression names, for as long as the duration says. */
function isMuted({ expression, duration, timezone }: Schedule, instant: Date): boolean {
  const [, minute, hour, on = ""] = expression.match(/^cron\((\d+) (\d+) \* \* ([A-Z,]+)\)$/) ?? [];
  const [, minutes] = duration.match(/^PT(\d+)M$/) ?? [];
  const now = minuteOfWeek(instant, timezone);
  return on.split(",").some((day) => {
    const from = (days.indexOf(day) * 24 + Number(hour)) * 60 + Number(minute);
    return (now - from + weekMinutes) % weekMinutes < Number(minutes);
  });
}

/** The alarms that notify somebody at that time, among those of `firing` and their composite alarms. */
function notifying(plan: PlanUnderTest, firing: readonly string[], at: string): string[] {
  const sounding = plan
    .all(kinds.composite)
    .filter(({ inputs }) => firing.some((name) => String(inputs.alarmRule).includes(`"${name}"`)));
  const alone = plan.all(kinds.metric).filter(({ name }) => firing.includes(name));
  const muted = plan.all(kinds.mute).filter(({ inputs }) => {
    return isMuted((inputs.rule as { schedule: Schedule }).schedule, new Date(at));
  });
  const silent = muted.flatMap(({ inputs }) => (inputs.muteTargets as { alarmNames: string[] }).alarmNames);
  return [...sounding, ...alone]
    .filter(({ inputs }) => (inputs.alarmActions as string[]).length > 0)
    .filter(({ name, inputs }) => !silent.includes(String(inputs.alarmName ?? name)))
    .map(({ name }) => name)
    .sort();
}

/** Berlin is an hour ahead of these in November; the 23rd is a Monday. */
const night = { days: ["mon"], from: "20:00", to: "07:30", timeZone: "Europe/Berlin", min: 0, max: 0 };
const evening = "2026-11-23T18:59:00Z";
const asleep = ["2026-11-23T19:00:00Z", "2026-11-24T02:00:00Z", "2026-11-24T06:29:00Z"];
const wakingUp = "2026-11-24T06:44:00Z";
const morning = "2026-11-24T06:45:00Z";

const nothingRuns = ["inference-ecs-too-few-healthy", "inference-load-balancer-no-answer", "inference-unreachable"];
const pages = ["inference-ecs-page", "inference-load-balancer-page", "inference-unreachable"];
const keys = {
  schedule: { night },
  "aws:region": "us-east-1",
  domain: { name: "api.example.com", zoneId: "Z1" },
  ingressCidrs: ["0.0.0.0/0"],
  notifications: { emails: ["ann@example.com"] },
};

describe("A window with 0 replicas", () => {
  let plan: PlanUnderTest;
  before(async function () {
    this.timeout(60_000);
    plan = await declaredStack("dev", keys);
  });

  it("notifies nobody that no replica runs, until the replicas had 15 minutes to start", () => {
    for (const at of [...asleep, wakingUp]) assert.deepEqual(notifying(plan, nothingRuns, at), [], at);
  });

  it("notifies of the same a minute before it and a minute after", () => {
    for (const at of [evening, morning]) assert.deepEqual(notifying(plan, nothingRuns, at), pages, at);
  });

  it("mutes no warning", () => {
    const warnings = ["inference-certificate", "inference-fatal", "inference-crashing", "inference-ecs-unhealthy"];
    for (const at of asleep) assert.deepEqual(notifying(plan, warnings, at), [...warnings].sort(), at);
  });

  it("mutes the pages of both platforms alike", async () => {
    const both = await declaredStack("dev", { ...keys, target: "both" });
    const firing = [...nothingRuns, "inference-eks-too-few-healthy"];
    for (const at of [...asleep, wakingUp]) assert.deepEqual(notifying(both, firing, at), [], at);
    for (const at of [evening, morning])
      assert.deepEqual(notifying(both, firing, at), [...pages, "inference-eks-page"].sort(), at);
  });
});
