import assert from "node:assert/strict";
import { declaredStack } from "../../support/mock-cloud";
import type { PlanUnderTest } from "../../support/plan-under-test";

const check = "aws:route53/healthCheck:HealthCheck";
const alarm = "aws:cloudwatch/metricAlarm:MetricAlarm";
const topic = "aws:sns/topic:Topic";
const mute = "aws:cloudwatch/alarmMuteRule:AlarmMuteRule";

const domain = { name: "api.example.com", zone: "example.com" };
const notifications = { emails: ["ann@example.com"], pagers: ["https://pager.example.com/1"] };
const stack = (own: Readonly<Record<string, unknown>>): Promise<PlanUnderTest> =>
  declaredStack("dev", { domain, notifications, ...own });

describe("Uptime check", () => {
  it("requests the URL over HTTPS by its name, once it answers", async () => {
    const plan = await stack({});
    const { inputs } = plan.one(check);
    assert.deepEqual(
      [inputs.type, inputs.fqdn, inputs.port, inputs.resourcePath, inputs.enableSni],
      ["HTTPS", "api.example.com", 443, "/health", true],
    );
    assert.ok(plan.dependsOn(plan.one(check), plan.one("aws:lb/listenerRule:ListenerRule", "inference-public")));
  });

  it("pages through the stack's topic in us-east-1, where Route 53 measures", async () => {
    const plan = await stack({});
    const { inputs } = plan.one(alarm, "inference-unreachable");
    assert.equal(inputs.region, "us-east-1");
    assert.match(String(inputs.alarmActions), /^arn:aws:sns:us-east-1:\d+:inference-page$/);
    assert.deepEqual(plan.names(topic), ["inference-page", "inference-warning"]);
    assert.match(
      String(plan.one("aws:cloudwatch/dashboard:Dashboard").inputs.dashboardBody),
      /alarm:inference-unreachable/,
    );
  });

  it("pages through its own topic when the stack is in another region", async () => {
    const plan = await stack({ "aws:region": "eu-west-1" });
    const { inputs } = plan.one(alarm, "inference-unreachable");
    assert.match(String(inputs.alarmActions), /:inference-outside-page$/);
    const there = plan.plan.resources.filter(({ inputs: { region } }) => region === "us-east-1");
    assert.deepEqual(there.map(({ name }) => name).sort(), [
      "inference-outside-notifications",
      "inference-outside-page",
      "inference-outside-page-29207c76",
      "inference-outside-page-ann@example.com",
      "inference-unreachable",
    ]);
    assert.match(String(plan.one(topic, "inference-outside-page").inputs.kmsMasterKeyId), /outside-notifications/);
    assert.doesNotMatch(String(plan.one("aws:cloudwatch/dashboard:Dashboard").inputs.dashboardBody), /unreachable/);
  });

  it("creates no topic without notifications", async () => {
    const plan = await stack({ "aws:region": "eu-west-1", notifications: {} });
    assert.deepEqual([plan.all(topic), plan.one(alarm, "inference-unreachable").inputs.alarmActions], [[], []]);
  });

  it("pages nobody in a window with 0 replicas", async () => {
    const night = { days: ["mon"], from: "20:00", to: "22:00", timeZone: "UTC", min: 0, max: 0 };
    const asleep = await stack({ "aws:region": "eu-west-1", schedule: { night } });
    const { inputs } = asleep.one(mute, "inference-outside-night");
    assert.deepEqual([inputs.region, inputs.muteTargets], ["us-east-1", { alarmNames: ["inference-unreachable"] }]);
    const awake = await stack({ schedule: { night: { ...night, min: 1, max: 1 } } });
    assert.ok(!awake.names(mute).includes("inference-outside-night"));
  });

  it("does not exist without a domain, or where the health checkers have no access", async () => {
    for (const own of [{ domain: {} }, { internal: true }, { ingressCidrs: ["203.0.113.0/24"] }]) {
      const plan = await stack(own);
      assert.deepEqual([plan.all(check), plan.names(alarm).includes("inference-unreachable")], [[], false]);
    }
  });
});
