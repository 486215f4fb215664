import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import type { Alarm } from "../../../../components/monitoring/alarm";
import { alarms } from "../../../../components/monitoring/alarms";
import { alarmTable } from "../../../../tools/docs/alarm-table";
import { projectFolder } from "../../../../tools/stack/file";
import { declaredStack } from "../../support/mock-cloud";
import type { PlanUnderTest } from "../../support/plan-under-test";
import { settingsOf } from "../../support/settings";

const metricAlarm = "aws:cloudwatch/metricAlarm:MetricAlarm";
const composite = "aws:cloudwatch/compositeAlarm:CompositeAlarm";

const shared = {
  comparison: "above",
  threshold: 7,
  periods: 2,
  periodSeconds: 60,
  missingData: "notBreaching",
  fires: (limit: number, span: string) => `More than ${limit} made-up things ${span}`,
  advice: "Make up less.",
  runbook: "Errors",
} as const;
const sum = (metric: string) => ({ metric, statistic: "Sum" }) as const;

/** The entry that CONTRIBUTING.md shows. */
function documented(): Alarm {
  const text = readFileSync(join(projectFolder, "CONTRIBUTING.md"), "utf8");
  const [, entry] = /## Add an alarm[\s\S]*?```ts\n([\s\S]*?)```/.exec(text) ?? [];
  const [alarm] = runInNewContext(`[${entry}]`);
  return alarm;
}

/** One of each kind of wiring. */
const madeUp: readonly Alarm[] = [
  documented(),
  { ...shared, name: "made-up-rollback", scope: "variant", signals: { a: sum("A") }, urgency: "page", rollsBack: true },
  {
    ...shared,
    name: "made-up-replicas",
    scope: "replicas",
    signals: { cpu: { metric: "cpuPercent", statistic: "Maximum" } },
    urgency: "page",
    rollsBack: false,
  },
  {
    ...shared,
    name: "made-up-balancer",
    scope: "loadBalancer",
    signals: { b: sum("B"), c: sum("C") },
    formula: { label: "share", expression: "b / c" },
    urgency: "page",
    rollsBack: false,
  },
  {
    ...shared,
    name: "made-up-log",
    scope: "logs",
    signals: { d: { ...sum("D"), patterns: { ours: '{ $.msg = "made up" }' } } },
    urgency: "page",
    rollsBack: false,
  },
  {
    ...shared,
    name: "made-up-warning",
    scope: "certificate",
    signals: { e: sum("E") },
    urgency: "warning",
    rollsBack: false,
  },
];

/** Each alarm that an entry alone adds: it exists, pages, is in the docs, and its log lines are counted. */
describe("An alarm that is one entry of the catalogue", () => {
  const catalogue = alarms as Alarm[];
  const own = alarms.length;
  let plan: PlanUnderTest;

  before(async function () {
    this.timeout(60_000);
    catalogue.push(...madeUp);
    const domain = { name: "api.example.com", zone: "example.com" };
    plan = await declaredStack("dev", { domain, notifications: { emails: ["ann@example.com"] } });
  });

  after(() => catalogue.splice(own));

  const members = (page: string) => String(plan.one(composite, page).inputs.alarmRule);

  it("is created on the resource of its scope", () => {
    const queries = (name: string) => JSON.stringify(plan.one(metricAlarm, name).inputs.metricQueries);
    assert.match(queries("inference-ecs-refusing"), /"TargetGroup":.*"metricName":"TargetConnectionErrorCount"/);
    assert.match(queries("inference-ecs-made-up-rollback"), /"TargetGroup":/);
    assert.match(queries("inference-ecs-made-up-replicas"), /"metricName":"CPUUtilization"/);
    assert.match(queries("inference-load-balancer-made-up-balancer"), /"expression":"b \/ c"/);
    assert.match(queries("inference-made-up-log"), /"metricName":"D","namespace":"inference\/dev"/);
    assert.match(queries("inference-made-up-warning"), /"CertificateArn":/);
  });

  it("pages through the composite alarm of its subject, or warns by itself", () => {
    assert.match(members("inference-ecs-page"), /"inference-ecs-made-up-rollback"/);
    assert.match(members("inference-ecs-page"), /"inference-ecs-made-up-replicas"/);
    assert.match(members("inference-load-balancer-page"), /"inference-load-balancer-made-up-balancer"/);
    assert.equal(members("inference-logs-page"), 'ALARM("inference-made-up-log")');
    const { alarmActions } = plan.one(metricAlarm, "inference-made-up-warning").inputs;
    assert.match(String(alarmActions), /:inference-warning$/);
  });

  it("rolls an ECS deployment back if the entry says so", () => {
    const { alarmNames } = plan.one("aws:ecs/service:Service").inputs.alarms as { alarmNames: string[] };
    assert.deepEqual(alarmNames, ["inference-ecs-slow", "inference-ecs-failing", "inference-ecs-made-up-rollback"]);
  });

  it("counts its lines in every log", () => {
    const { inputs } = plan.one("aws:cloudwatch/logMetricFilter:LogMetricFilter", "inference-ecs-d");
    assert.equal(inputs.pattern, '{ $.msg = "made up" }');
  });

  it("has a row in the docs, and its text in the mail", () => {
    const table = alarmTable(settingsOf());
    for (const { name } of madeUp) assert.match(table, new RegExp(`^\\| \`${name}\` \\|`, "m"));
    assert.match(table, /More than 7 made-up things for 2 consecutive minutes .* Make up less\. \[Errors\]\(#errors\)/);
    const { alarmDescription } = plan.one(metricAlarm, "inference-made-up-log").inputs;
    assert.match(
      String(alarmDescription),
      /^More than 7 made-up things for 2 consecutive minutes\. Make up less\. Runbook: /,
    );
  });

  it("is on the dashboard", () => {
    const body = String(plan.one("aws:cloudwatch/dashboard:Dashboard").inputs.dashboardBody);
    for (const { name } of madeUp) assert.match(body, new RegExp(`:alarm:inference-[a-z-]*${name}"`));
  });
});

describe("The alarm catalogue", () => {
  it("is created whole by a stack with a domain and open access", async function () {
    this.timeout(60_000);
    const domain = { name: "api.example.com", zone: "example.com" };
    const plan = await declaredStack("dev", { domain, ingressCidrs: ["0.0.0.0/0"] });
    const created = plan.names(metricAlarm).map((name) => name.replace(/^inference-(ecs-|load-balancer-)?/, ""));
    assert.deepEqual(created.sort(), alarms.map(({ name }) => name).sort());
  });
});
