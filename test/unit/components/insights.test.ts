import assert from "node:assert/strict";
import type { Insights } from "../../../components/core/service-spec";
import { declaredStack } from "../support/mock-cloud";
import type { PlanUnderTest } from "../support/plan-under-test";
import { settingsOf } from "../support/settings";

/** What each platform measures, in the words of the key. */
function measured(plan: PlanUnderTest): Record<"ecs" | "eks", Insights> {
  const [{ value } = { value: "" }] = plan.one("aws:ecs/cluster:Cluster").inputs.settings as { value: string }[];
  const onEcs: Record<string, Insights> = { disabled: "off", enabled: "standard", enhanced: "enhanced" };
  const addon = plan.one("aws:eks/addon:Addon", "inference-observability");
  const { agent } = JSON.parse(String(addon.inputs.configurationValues)) as { agent?: { config?: AgentConfig } };
  return { ecs: onEcs[value] ?? "off", eks: onEks(agent?.config) };
}

interface AgentConfig {
  readonly logs?: { readonly metrics_collected: { readonly kubernetes: { enhanced_container_insights: boolean } } };
}

/** Without a configuration of its own the agent collects enhanced Container Insights. */
function onEks(config: AgentConfig | undefined): Insights {
  if (config === undefined) return "enhanced";
  if (config.logs === undefined) return "off";
  return config.logs.metrics_collected.kubernetes.enhanced_container_insights ? "enhanced" : "standard";
}

const used = (plan: PlanUnderTest) =>
  plan
    .all("aws:cloudwatch/metricAlarm:MetricAlarm")
    .map(({ name }) => name)
    .filter((name) => /-(cpu|memory)$/.test(name))
    .sort();

function charts(plan: PlanUnderTest): Record<string, string[]> {
  const { dashboardBody } = plan.one("aws:cloudwatch/dashboard:Dashboard").inputs;
  const { widgets } = JSON.parse(String(dashboardBody)) as {
    widgets: { properties: { title?: string; metrics?: unknown[][] } }[];
  };
  return Object.fromEntries(
    widgets.map(({ properties: { title = "", metrics = [] } }) => [title, metrics.map(([, metric]) => String(metric))]),
  );
}

describe("insights", function () {
  this.timeout(60_000);

  for (const insights of ["off", "standard", "enhanced"] as const)
    it(`${insights} means the same on ECS and on EKS`, async () =>
      assert.deepEqual(measured(await declaredStack("dev", { target: "both", insights })), {
        ecs: insights,
        eks: insights,
      }));

  it("is enhanced where a stack does not set it", async () =>
    assert.deepEqual(measured(await declaredStack("dev", { target: "both" })), { ecs: "enhanced", eks: "enhanced" }));

  it("standard keeps every alarm and chart", async () => {
    const [standard, enhanced] = [
      await declaredStack("dev", { target: "both", insights: "standard" }),
      await declaredStack("dev", { target: "both" }),
    ];
    assert.deepEqual(used(standard), used(enhanced));
    assert.deepEqual(charts(standard), charts(enhanced));
  });

  it("off leaves no alarm and no chart on a metric that nothing writes", async () => {
    const plan = await declaredStack("dev", { target: "both", insights: "off" });
    assert.deepEqual(used(plan), ["inference-ecs-cpu", "inference-ecs-memory"]);
    const { Replicas, CPU, Memory } = charts(plan);
    assert.deepEqual(
      [Replicas, CPU, Memory],
      [["HealthyHostCount", "HealthyHostCount"], ["CPUUtilization"], ["MemoryUtilization"]],
    );
    const onEks = charts(await declaredStack("dev", { target: "eks", insights: "off" }));
    assert.deepEqual([onEks.Replicas, onEks.CPU, onEks.Memory], [["HealthyHostCount"], undefined, undefined]);
  });

  it("off keeps the logs of pods and the service account that writes them", async () => {
    const plan = await declaredStack("dev", { target: "eks", insights: "off" });
    const { configurationValues, podIdentityAssociations } = plan.one(
      "aws:eks/addon:Addon",
      "inference-observability",
    ).inputs;
    assert.match(String(configurationValues), /application-log\.conf/);
    assert.match(JSON.stringify(podIdentityAssociations), /"cloudwatch-agent"/);
  });

  it("off on EKS is reported with what it costs", () => {
    assert.match(
      settingsOf({ target: "eks", insights: "off" }).notes.join("\n"),
      /^insights is off: on EKS there are no alarms/m,
    );
    assert.deepEqual(settingsOf({ target: "ecs", insights: "off" }).notes, []);
  });
});
