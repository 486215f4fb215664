import assert from "node:assert/strict";
import { monitored } from "../../support/monitored";
import { problemsOf } from "../../support/settings";

const notifying = (notifications: object) =>
  monitored({ notifications }, [{ name: "ecs", target: "ecs", weight: 100 }]);

const topic = "aws:sns/topic:Topic";
const subscription = "aws:sns/topicSubscription:TopicSubscription";
const subscribers = { emails: ["ann@example.com"], pagers: ["https://pager.example.com/1"], monthlyBudgetUsd: 300 };

describe("Notifications", () => {
  it("notify nobody by default, say so, and create nothing that costs", async () => {
    const plan = await notifying({});
    assert.deepEqual(plan.said("info"), ["alarms notify nobody: set notifications.emails"]);
    for (const type of [topic, subscription, "aws:kms/key:Key", "aws:budgets/budget:Budget"])
      assert.deepEqual(plan.all(type), []);
  });

  it("send pages to emails and pagers, and warnings to emails only", async () => {
    const plan = await notifying(subscribers);
    const subscribed = plan.all(subscription).map(({ inputs }) => [inputs.topic, inputs.protocol, inputs.endpoint]);
    const arn = (name: string) => `arn:aws:sns:eu-west-1:123456789012:${name}`;
    assert.deepEqual(subscribed.sort(), [
      [arn("inference-page"), "email", "ann@example.com"],
      [arn("inference-page"), "https", "https://pager.example.com/1"],
      [arn("inference-warning"), "email", "ann@example.com"],
    ]);
    const { alarmActions, okActions } = plan.one(
      "aws:cloudwatch/compositeAlarm:CompositeAlarm",
      "inference-load-balancer-page",
    ).inputs;
    assert.deepEqual([alarmActions, okActions], [[arn("inference-page")], [arn("inference-page")]]);
    const actions = (alarm: string) => plan.one("aws:cloudwatch/metricAlarm:MetricAlarm", alarm).inputs.alarmActions;
    assert.deepEqual(actions("inference-ecs-unhealthy"), [arn("inference-warning")]);
    assert.deepEqual(actions("inference-ecs-slow"), []);
  });

  it("keep a pager's address secret and out of names", async () => {
    const plan = await notifying(subscribers);
    const [pager, ...others] = plan.all(subscription).filter(({ inputs }) => inputs.protocol === "https");
    assert.ok(pager && others.length === 0);
    assert.match(pager.name, /^inference-page-[0-9a-f]{8}$/);
    assert.deepEqual(pager.secretInputs, ["endpoint"]);
    const problems = problemsOf({ notifications: { pagers: ["http://pager.example.com/key"] } });
    assert.deepEqual(
      problems.map(({ value }) => value),
      ["[not shown]"],
    );
  });

  it("encrypt with a key that only this account's alarms may use", async () => {
    const plan = await notifying(subscribers);
    const key = plan.one("aws:kms/key:Key");
    for (const { inputs } of plan.all(topic)) assert.match(String(inputs.kmsMasterKeyId), /inference-notifications/);
    const { Statement } = JSON.parse(String(key.inputs.policy)) as { Statement: Record<string, unknown>[] };
    const ofAlarms = Statement.find(({ Sid }) => Sid === "Alarms");
    assert.deepEqual(ofAlarms?.Principal, { Service: "cloudwatch.amazonaws.com" });
    assert.deepEqual(ofAlarms?.Condition, { StringEquals: { "aws:SourceAccount": "123456789012" } });
  });

  it("warn when the forecast reaches 80 and 100 percent of the budget", async () => {
    const { inputs } = (await notifying(subscribers)).one("aws:budgets/budget:Budget");
    assert.deepEqual([inputs.limitAmount, inputs.limitUnit, inputs.timeUnit], ["300", "USD", "MONTHLY"]);
    const notifications = inputs.notifications as readonly Record<string, unknown>[];
    assert.deepEqual(
      notifications.map(({ notificationType, threshold, subscriberEmailAddresses }) => [
        notificationType,
        threshold,
        subscriberEmailAddresses,
      ]),
      [80, 100].map((percent) => ["FORECASTED", percent, ["ann@example.com"]]),
    );
  });

  it("refuse an invalid or repeated address, and a budget without an email", () => {
    const keysOf = (notifications: object) => problemsOf({ notifications }).map(({ key }) => key);
    assert.deepEqual(keysOf({ emails: ["ann"], pagers: ["http://pager.example.com"] }), [
      "notifications.emails[0]",
      "notifications.pagers[0]",
    ]);
    assert.deepEqual(keysOf({ emails: ["a@b.de", "a@b.de"] }), ["notifications.emails"]);
    const emails = Array.from({ length: 11 }, (_, index) => `${index}@example.com`);
    assert.deepEqual(keysOf({ emails }), []);
    assert.deepEqual(keysOf({ emails, monthlyBudgetUsd: 10 }), ["notifications.emails"]);
    assert.deepEqual(keysOf({ monthlyBudgetUsd: 10 }), ["notifications.monthlyBudgetUsd"]);
  });
});
