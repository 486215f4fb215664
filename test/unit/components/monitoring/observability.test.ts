import assert from "node:assert/strict";
import { declaredStack } from "../../support/mock-cloud";
import { type MonitoredVariant, monitored } from "../../support/monitored";
import type { PlanUnderTest } from "../../support/plan-under-test";

const metricAlarm = "aws:cloudwatch/metricAlarm:MetricAlarm";
const composite = "aws:cloudwatch/compositeAlarm:CompositeAlarm";
const mute = "aws:cloudwatch/alarmMuteRule:AlarmMuteRule";

interface Query {
  readonly id: string;
  readonly expression?: string;
  readonly metric?: { readonly dimensions: Record<string, string> };
  readonly returnData: boolean;
}

const night = { days: ["mon", "tue"], from: "20:00", to: "07:30", timeZone: "Europe/Berlin", min: 0, max: 0 };
const variant = (name: string, target: string, weight: number): MonitoredVariant => ({ name, target, weight });

const monitoring = (own: Readonly<Record<string, unknown>>, ...variants: MonitoredVariant[]) =>
  monitored(own, variants);

const queriesOf = (plan: PlanUnderTest, alarm: string) =>
  plan.one(metricAlarm, alarm).inputs.metricQueries as readonly Query[];

describe("Observability", () => {
  it("creates the same alarms for a variant on any platform", async () => {
    const plan = await monitoring({}, variant("ecs", "ecs", 50), variant("eks", "eks", 50));
    const of = (variant: string) =>
      plan
        .all(metricAlarm)
        .filter(({ name }) => name.startsWith(`inference-${variant}-`))
        .map(({ name, inputs }) => ({ ...inputs, name }));
    assert.equal(of("ecs").length, 6);
    assert.deepEqual(JSON.parse(JSON.stringify(of("eks")).replaceAll("eks", "ecs")), of("ecs"));
  });

  it("measures a variant on its target group, and the load balancer as a whole", async () => {
    const plan = await monitoring({}, variant("ecs", "ecs", 100));
    for (const { metric } of queriesOf(plan, "inference-ecs-failing").filter((query) => query.metric))
      assert.deepEqual(metric?.dimensions, { LoadBalancer: "app/inference/2", TargetGroup: "targetgroup/ecs/1" });
    const [own] = queriesOf(plan, "inference-load-balancer-no-answer");
    assert.deepEqual(own?.metric?.dimensions, { LoadBalancer: "app/inference/2" });
  });

  it("warns about the certificate of a stack that has one, without paging", async () => {
    const variants = [variant("ecs", "ecs", 100)];
    const certificateArn = "arn:aws:acm:eu-west-1:123456789012:certificate/1";
    const plan = await monitored({ notifications: { emails: ["owner@example.com"] } }, variants, certificateArn);
    const [days] = queriesOf(plan, "inference-certificate");
    assert.deepEqual(days?.metric?.dimensions, { CertificateArn: certificateArn });
    const { alarmActions } = plan.one(metricAlarm, "inference-certificate").inputs;
    assert.match(String(alarmActions), /^arn:aws:sns:[^,]+inference-warning$/);
    const without = await monitored({}, variants);
    assert.ok(!without.all(metricAlarm).some(({ name }) => name === "inference-certificate"));
  });

  it("gives each alarm exactly one query that returns data", async () => {
    const plan = await monitoring({}, variant("ecs", "ecs", 100), variant("eks", "eks", 0));
    for (const { name } of plan.all(metricAlarm)) {
      const watched = queriesOf(plan, name).filter(({ returnData }) => returnData);
      assert.equal(watched.length, 1, name);
    }
  });

  it("does not count the replicas of a variant without weight", async () => {
    const plan = await monitoring({}, variant("ecs", "ecs", 100), variant("eks", "eks", 0));
    assert.deepEqual(
      plan.names(metricAlarm).filter((name) => name.endsWith("too-few-healthy")),
      ["inference-ecs-too-few-healthy"],
    );
  });

  it("expects the lowest minimum of the windows with replicas, on targets with a schedule", async () => {
    const quieter = { ...night, days: ["sat"], min: 2, max: 4 };
    const plan = await monitoring(
      { replicas: { min: 3, max: 9 }, schedule: { night, quieter } },
      variant("ecs", "ecs", 50),
      variant("eks", "eks", 25),
      variant("here", "local", 25),
    );
    assert.equal(plan.one(metricAlarm, "inference-ecs-too-few-healthy").inputs.threshold, 2);
    assert.equal(plan.one(metricAlarm, "inference-eks-too-few-healthy").inputs.threshold, 2);
    // Windows do not apply there.
    assert.equal(plan.one(metricAlarm, "inference-here-too-few-healthy").inputs.threshold, 3);
  });

  it("pages for all paging alarms and no warning", async () => {
    const plan = await monitoring({}, variant("ecs", "ecs", 100));
    assert.equal(
      plan.one(composite, "inference-ecs-page").inputs.alarmRule,
      'ALARM("inference-ecs-slow") OR ALARM("inference-ecs-failing") OR ALARM("inference-ecs-too-few-healthy")',
    );
    assert.equal(plan.one(composite, "inference-ecs-page").inputs.alarmName, "inference-ecs-test-page-2");
  });

  it("mutes the pages in a window with 0 replicas and 15 minutes longer, and nothing else", async () => {
    const plan = await monitoring({ schedule: { night } }, variant("ecs", "ecs", 100));
    const schedule = { expression: "cron(0 20 * * MON,TUE)", duration: "PT705M", timezone: "Europe/Berlin" };
    const muted = plan.all(mute).map(({ name, inputs: { muteTargets, rule } }) => [name, { muteTargets, rule }]);
    assert.deepEqual(Object.fromEntries(muted), {
      "inference-ecs-night": { muteTargets: { alarmNames: ["inference-ecs-test-page-2"] }, rule: { schedule } },
      "inference-load-balancer-night": {
        muteTargets: { alarmNames: ["inference-load-balancer-test-page-2"] },
        rule: { schedule },
      },
    });
  });

  it("mutes no page in a window with replicas, nor the load balancer's while another platform serves", async () => {
    const plan = await monitoring(
      { schedule: { night, small: { ...night, days: ["sat"], min: 1, max: 2 } } },
      variant("ecs", "ecs", 25),
      variant("eks", "eks", 25),
      variant("here", "local", 50),
    );
    assert.deepEqual(plan.names(mute).sort(), ["inference-ecs-night", "inference-eks-night"]);
  });

  it("creates a variant's page after the public rule and its service, and deletes it before the service", async () => {
    const plan = await declaredStack("dev", { target: "both" });
    const rule = plan.one("aws:lb/listenerRule:ListenerRule", "inference-public");
    const services = {
      ecs: plan.one("aws:ecs/service:Service"),
      eks: plan.one("kubernetes:apps/v1:Deployment"),
    };
    for (const [side, service] of Object.entries(services)) {
      const alarm = plan.one(metricAlarm, `inference-${side}-too-few-healthy`);
      const page = plan.one(composite, `inference-${side}-page`);
      assert.ok(plan.dependsOn(page, alarm));
      for (const one of [alarm, page]) {
        assert.ok(one.dependencies.includes(rule.urn), `${one.name} before the rule`);
        // The engine deletes by what is named itself: the rule stays, and would hide the service behind it.
        assert.ok(one.dependencies.includes(service.urn), `${one.name} after its service`);
      }
    }
    const asleep = await declaredStack("dev", { schedule: { night } });
    assert.ok(asleep.dependsOn(asleep.one(mute, "inference-ecs-night"), asleep.one(composite, "inference-ecs-page")));
  });

  it("lets an alarm that breaches on missing data warm up", async () => {
    const plan = await monitoring({}, variant("ecs", "ecs", 100));
    const warmingUp = plan.all(metricAlarm).filter(({ inputs }) => inputs.warmUpConfiguration !== undefined);
    assert.deepEqual(
      warmingUp.map(({ name, inputs }) => [name, inputs.warmUpConfiguration]),
      [
        [
          "inference-ecs-too-few-healthy",
          { warmUpPeriodDurationInMinutes: 10, onlyStartEvaluatingAfterWarmUpPeriodEnds: true },
        ],
      ],
    );
    const breaching = plan.all(metricAlarm).filter(({ inputs }) => inputs.treatMissingData === "breaching");
    assert.deepEqual(breaching, warmingUp);
  });
});

describe("RouteAlarms", () => {
  it("creates the rollback alarms of its variant before the ECS service", async () => {
    const plan = await declaredStack("dev");
    const service = plan.one("aws:ecs/service:Service");
    assert.deepEqual(service.inputs.alarms, {
      enable: true,
      rollback: true,
      alarmNames: ["inference-ecs-slow", "inference-ecs-failing"],
    });
    for (const name of ["inference-ecs-slow", "inference-ecs-failing"])
      assert.ok(plan.dependsOn(service, plan.one(metricAlarm, name)), "ECS refuses an alarm that is not there");
  });

  it("leaves the page to Observability: a rollback alarm notifies nobody by itself", async () => {
    const plan = await declaredStack("dev", { notifications: { emails: ["ann@example.com"] } });
    for (const name of ["inference-ecs-slow", "inference-ecs-failing"]) {
      const { alarmActions, okActions } = plan.one(metricAlarm, name).inputs;
      assert.deepEqual([alarmActions, okActions], [[], []]);
    }
  });
});
