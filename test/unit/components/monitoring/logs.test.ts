import assert from "node:assert/strict";
import { savedQueries } from "../../../../components/monitoring/logs";
import { declaredStack } from "../../support/mock-cloud";
import type { PlanUnderTest } from "../../support/plan-under-test";

const group = "aws:cloudwatch/logGroup:LogGroup";

describe("Logs", () => {
  let plan: PlanUnderTest;
  before(async function () {
    this.timeout(60_000);
    plan = await declaredStack("dev", { target: "both" });
  });

  it("count into the same metrics on both platforms", () => {
    const filters = plan.all("aws:cloudwatch/logMetricFilter:LogMetricFilter").map(({ inputs }) => inputs);
    const of = (name: string) =>
      filters
        .filter(({ logGroupName }) => logGroupName === name)
        .map(({ pattern, metricTransformation }) => ({ pattern, metricTransformation }));
    assert.equal(of("inference-ecs").length, 3);
    assert.deepEqual(of("inference-ecs"), of("inference-eks-application"));
    const alarm = plan.one("aws:cloudwatch/metricAlarm:MetricAlarm", "inference-fatal");
    assert.match(JSON.stringify(alarm.inputs.metricQueries), /"metricName":"FatalLines","namespace":"inference\/dev"/);
  });

  it("count the container's lines, with a zero for every other line", () => {
    const filters = plan
      .all("aws:cloudwatch/logMetricFilter:LogMetricFilter")
      .filter(({ inputs }) => inputs.logGroupName === "inference-ecs");
    const counted = filters.map(({ inputs: { pattern, metricTransformation } }) => {
      const { name, value, defaultValue } = metricTransformation as Record<string, string>;
      return [name, pattern, value, defaultValue];
    });
    assert.deepEqual(counted.sort(), [
      ["FatalLines", '{ $.level = "fatal" }', "1", "0"],
      ["Shutdowns", '{ $.msg = "shutting down" }', "1", "0"],
      ["Starts", '{ $.msg = "ready" }', "1", "0"],
    ]);
  });

  it("are read by one saved query for both platforms", () => {
    const queries = plan.all("aws:cloudwatch/queryDefinition:QueryDefinition").map(({ inputs }) => inputs);
    assert.deepEqual(
      queries.map(({ name }) => name).sort(),
      Object.keys(savedQueries.ours)
        .map((title) => `inference/dev/${title}`)
        .sort(),
    );
    for (const { logGroupNames } of queries)
      assert.deepEqual(logGroupNames, ["inference-ecs", "inference-eks-application"]);
  });

  it("arrive from pods unchanged, in log groups that exist before the agents start", () => {
    const addon = plan.one("aws:eks/addon:Addon", "inference-observability");
    const groups = plan.all(group).filter(({ name }) => name.startsWith("inference-eks-"));
    assert.equal(groups.length, 4);
    for (const one of groups) {
      assert.ok(plan.dependsOn(addon, one), one.name);
      assert.equal(one.inputs.retentionInDays, 7);
    }
    const { containerLogs } = JSON.parse(String(addon.inputs.configurationValues));
    const raw: string = containerLogs.fluentBit.config.extraFiles["application-log.conf"];
    assert.match(raw, /^ {2}log_key log$/m);
    assert.match(raw, /^ {2}log_format json\/emf$/m);
    assert.match(raw, /^ {2}Path \/var\/log\/containers\/\*_inference_\*\.log$/m);
    assert.match(raw, /^ {2}log_group_name inference-eks-application$/m);
  });

  it("are sent by agents that have the permission before they start", () => {
    const addon = plan.one("aws:eks/addon:Addon", "inference-observability");
    assert.deepEqual(addon.inputs.podIdentityAssociations, [
      {
        serviceAccount: "cloudwatch-agent",
        roleArn: "arn:aws:iam::123456789012:role/inference-observability",
      },
    ]);
    assert.ok(plan.dependsOn(addon, plan.one("aws:iam/rolePolicy:RolePolicy", "inference-observability")));
  });

  it("can be written by the agents into these groups only", () => {
    const statements = plan.statements("inference-observability");
    const writing = statements.find(({ Action }) => Action.includes("logs:PutLogEvents"));
    assert.equal(writing?.Resource.length, 4);
    for (const resource of writing?.Resource ?? [])
      assert.match(
        resource,
        /log-group:(inference-eks-application|\/aws\/containerinsights\/inference-dev\/[a-z]+):\*$/,
      );
  });

  it("hold the container's own metrics on each platform", () => {
    const { value } = plan.container().environment.find(({ name }) => name === "EMF") ?? {};
    assert.equal(value, "1");
  });
});
