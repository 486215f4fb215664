import assert from "node:assert/strict";
import { type DashboardVariant, dashboard, dashboardName } from "../../../../components/monitoring/dashboard";
import { body, columns } from "../../../../components/monitoring/widgets";
import { declaredStack } from "../../support/mock-cloud";

const metric = (name: string, variant: string) => ({
  namespace: "Platform",
  metric: name,
  dimensions: { Service: variant },
});
const variant = (name: string, target: string, weight: number): DashboardVariant => ({
  name,
  target,
  weight,
  loadBalancer: "app/inference/2",
  targetGroup: `targetgroup/${name}/1`,
  utilization: {
    replicas: metric("replicas", name),
    cpuPercent: metric("cpu", name),
    memoryPercent: metric("memory", name),
  },
});

interface WidgetBody {
  readonly type: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: {
    readonly title?: string;
    readonly region?: string;
    readonly markdown?: string;
    readonly alarms?: readonly string[];
    readonly metrics?: readonly (readonly unknown[])[];
  };
}

const seen = (...variants: DashboardVariant[]) => ({
  title: "inference-test",
  variants,
  logFormat: "ours" as const,
  alarmArns: ["arn:one", "arn:two"],
});
const widgetsOf = (...variants: DashboardVariant[]) =>
  JSON.parse(JSON.stringify(body(dashboard(seen(...variants)), "eu-west-1"))).widgets as WidgetBody[];

const both = [variant("ecs", "ecs", 90), variant("eks", "eks", 10)];
const most = ["a", "b", "c"]
  .map((name) => variant(name, "ecs", 20))
  .concat([variant("d", "eks", 20), variant("e", "eks", 20)]);
const options = (row: readonly unknown[]) =>
  row.at(-1) as { id: string; color?: string; label?: string; expression?: string; stat?: string };

/** CloudWatch's rules for a dashboard's body, each with what breaks it. */
function faults(widgets: readonly WidgetBody[]): string[] {
  const taken = new Set<string>();
  const found: string[] = [];
  const rows = widgets.flatMap(({ properties }) => properties.metrics ?? []);
  if (widgets.length > 500) found.push(`${widgets.length} widgets`);
  if (rows.length > 2500) found.push(`${rows.length} metrics on the page`);
  for (const { type, x, y, width, height, properties } of widgets) {
    const name = properties.title ?? type;
    if (width < 1 || width > columns || x < 0 || x + width > columns) found.push(`${name} leaves the grid`);
    if (height < 1 || height > 1000) found.push(`${name} is ${height} high`);
    for (let column = x; column < x + width; column++) {
      for (let row = y; row < y + height; row++) {
        if (taken.has(`${column} ${row}`)) found.push(`${name} overlaps`);
        taken.add(`${column} ${row}`);
      }
    }
    if (type === "alarm" && ((properties.alarms?.length ?? 0) < 1 || (properties.alarms?.length ?? 0) > 100))
      found.push(`${name} has ${properties.alarms?.length} alarms`);
    if (type !== "metric") continue;
    const metrics = properties.metrics ?? [];
    if (metrics.length === 0 || metrics.length > 500) found.push(`${name} has ${metrics.length} metrics`);
    if (!properties.region) found.push(`${name} has no region`);
    const ids = metrics.map((row) => options(row).id);
    if (new Set(ids).size < ids.length) found.push(`${name} has an id twice`);
    for (const id of ids) if (!/^[a-z]\w*$/.test(id)) found.push(`${name} has the id ${id}`);
    for (const row of metrics.filter((one) => one.length > 1))
      if ((row.length - 3) % 2 !== 0 || row.length < 5) found.push(`${name} has a metric without dimensions`);
    for (const { expression } of metrics
      .map(options)
      .filter((one) => one.expression && !one.expression.startsWith("SEARCH")))
      for (const [id] of expression?.matchAll(/\b[a-z]\w*\b/g) ?? [])
        if (!ids.includes(id)) found.push(`${name} computes with ${id}, which is not there`);
  }
  return found;
}

describe("Dashboard", () => {
  it("follows CloudWatch's rules with one, two and five variants", () => {
    for (const variants of [both.slice(0, 1), both, most]) assert.deepEqual(faults(widgetsOf(...variants)), []);
  });

  it("is reported when it breaks one of these rules", () => {
    const [first, second] = widgetsOf(...both);
    assert.ok(first && second);
    assert.deepEqual(faults([first, { ...second, x: first.x }]).slice(0, 1), ["Alarms overlaps"]);
    assert.deepEqual(faults([{ ...second, x: 20 }]), ["Alarms leaves the grid"]);
    const chart = widgetsOf(...both).find(({ type }) => type === "metric");
    assert.ok(chart);
    const metrics = [["AWS/ECS", "CPUUtilization", { id: "m0" }]];
    assert.deepEqual(faults([{ ...chart, properties: { ...chart.properties, metrics } }]), [
      "Requests has a metric without dimensions",
    ]);
  });

  it("shows both platforms on each chart, each in one colour everywhere", () => {
    const colours = new Map<string, Set<string>>();
    for (const { properties } of widgetsOf(...both).filter(({ type }) => type === "metric")) {
      const lines = (properties.metrics ?? []).map(options).filter(({ label }) => label === "ecs" || label === "eks");
      if (lines.length > 0)
        assert.deepEqual(
          lines.map(({ label }) => label),
          ["ecs", "eks"],
          properties.title,
        );
      for (const { label = "", color = "" } of lines) colours.set(label, (colours.get(label) ?? new Set()).add(color));
    }
    const [ecs, eks] = ["ecs", "eks"].map((name) => [...(colours.get(name) ?? [])]);
    assert.equal(ecs?.length, 1);
    assert.equal(eks?.length, 1);
    assert.notDeepEqual(ecs, eks);
  });

  it("gives five variants five colours", () => {
    const requests = widgetsOf(...most).find(({ properties }) => properties.title === "Requests");
    const colours = (requests?.properties.metrics ?? []).map((row) => options(row).color);
    assert.equal(new Set(colours).size, 5);
  });

  it("shows traffic, latency, errors, health, replicas, utilization, weights, alarms and the container's metrics", () => {
    const widgets = widgetsOf(...both);
    assert.deepEqual(
      widgets.map(({ type, properties }) => properties.title ?? type),
      [
        "text",
        "Alarms",
        "Requests",
        "5xx responses",
        "Healthy replicas",
        "Latency, p50",
        "Latency, p90",
        "Latency, p99",
        "Replicas",
        "CPU",
        "Memory",
        "Predictions, counted by the container",
        "Time in the container",
        "Errors of the load balancer",
      ],
    );
    assert.match(widgets[0]?.properties.markdown ?? "", /\| eks \| eks \| 10 % \| `x-variant: eks` \|/);
    const latency = widgets.find(({ properties }) => properties.title === "Latency, p99")?.properties.metrics ?? [];
    assert.deepEqual(
      latency.map((row) => options(row).stat),
      ["p99", "p99"],
    );
  });

  it("has each platform's metrics and every alarm of the stack", async () => {
    const plan = await declaredStack("dev", { target: "both" });
    const { inputs } = plan.one("aws:cloudwatch/dashboard:Dashboard");
    const { widgets } = JSON.parse(String(inputs.dashboardBody)) as { widgets: WidgetBody[] };
    assert.deepEqual(faults(widgets), []);
    const cpu = widgets.find(({ properties }) => properties.title === "CPU")?.properties.metrics ?? [];
    assert.deepEqual(
      cpu.map((row) => row.slice(0, -1)),
      [
        ["AWS/ECS", "CPUUtilization", "ClusterName", "inference", "ServiceName", "inference-ecs"],
        [
          "ContainerInsights",
          "pod_cpu_utilization_over_pod_limit",
          ...["ClusterName", "inference-dev", "Namespace", "inference", "Service", "eks"],
        ],
      ],
    );
    const alarms = widgets.find(({ type }) => type === "alarm")?.properties.alarms ?? [];
    const declared = ["metricAlarm:MetricAlarm", "compositeAlarm:CompositeAlarm"].flatMap((type) =>
      plan.all(`aws:cloudwatch/${type}`),
    );
    assert.equal(alarms.length, declared.length);
  });
});

describe("dashboardName", () => {
  it("is the stack's, in characters that CloudWatch accepts", () => {
    assert.equal(dashboardName("inference", "dev"), "inference-dev");
    assert.match(dashboardName("inference", "v1.2"), /^inference-v1-2-[0-9a-f]{6}$/);
  });
});
