import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { dashboard } from "../../../components/monitoring/dashboard";
import { body } from "../../../components/monitoring/widgets";
import { projectFolder } from "../../../tools/offline";
import { advise } from "../../../tools/rightsize/advice";
import { record } from "../../../tools/rightsize/cloudwatch";
import type { Observed, Recording } from "../../../tools/rightsize/recording";
import { report } from "../../../tools/rightsize/report";
import { temporaryFolder } from "../../support/folder";
import { settingsOf } from "../support/settings";

const week = (value: number) => Array.from({ length: 168 }, () => value);

const idle: Observed = {
  name: "ecs",
  target: "ecs",
  cpuPercent: week(20),
  memoryPercent: week(30),
  p99Seconds: week(0.3),
  replicas: week(3),
};
const stack: Recording = {
  stack: "prod",
  region: "us-east-1",
  zones: 3,
  days: 7,
  architecture: "x86_64",
  cpuUnits: 1024,
  memoryMiB: 2048,
  cpuTargetPercent: 70,
  p99LimitSeconds: 1,
  spot: { onDemandBase: 0, onDemandWeight: 1, spotWeight: 0 },
  variants: [idle],
};

function adviceFor(own: Partial<Observed>, declared: Partial<Recording> = {}) {
  const advice = advise({ ...stack, ...declared }, { ...idle, ...own });
  assert.ok(advice);
  return advice;
}

const near = (actual: number | undefined, expected: number) =>
  assert.ok(actual !== undefined && Math.abs(actual - expected) < 0.005, `${actual} is not ${expected}`);

describe("npm run rightsize", () => {
  it("finds the next smaller size of an idle service, and what three replicas of it save a month", () => {
    const { smaller, usdPerMonth, verdict } = adviceFor({});
    assert.deepEqual([smaller?.cpuUnits, smaller?.memoryMiB, verdict], [512, 1024, "take the smaller"]);
    near(usdPerMonth, 3 * 730 * (0.04048 + 2 * 0.004445));
    near(smaller?.savedUsdPerMonth, 3 * 730 * (0.5 * 0.04048 + 0.004445));
  });

  it("keeps a size whose smaller one would take more CPU than scaling allows", () => {
    const { smaller, verdict } = adviceFor({ cpuPercent: week(40), memoryPercent: week(70) });
    assert.equal(verdict, "keep it");
    assert.ok(smaller && smaller.against.length > 0);
  });

  it("keeps a size whose smaller one would be slow", () => {
    const { smaller, verdict } = adviceFor({ p99Seconds: week(0.6), memoryPercent: week(80) });
    assert.equal(verdict, "keep it");
    assert.ok(smaller && smaller.against.length > 0);
  });

  it("leaves the highest hour of memory a quarter of headroom", () => {
    // 1600 of 2048 MiB: 2000 with headroom.
    assert.equal(adviceFor({ memoryPercent: [...week(30), 78] }).smaller?.memoryMiB, 2048);
    // 820 MiB and a quarter are more than 1024.
    assert.equal(adviceFor({ memoryPercent: week(40.1) }).smaller?.memoryMiB, 2048);
    assert.equal(adviceFor({ memoryPercent: week(39.9) }).smaller?.memoryMiB, 1024);
  });

  it("takes the larger memory when the peak is close to the end of it", () => {
    const { larger, verdict } = adviceFor({ memoryPercent: week(90) });
    assert.deepEqual([larger?.cpuUnits, larger?.memoryMiB, verdict], [1024, 3072, "take the larger"]);
    near(larger?.savedUsdPerMonth, -3 * 730 * 0.004445);
  });

  it("takes the larger CPU when answers are slow", () => {
    const { larger, verdict } = adviceFor({ p99Seconds: week(1.4) });
    assert.deepEqual([larger?.cpuUnits, larger?.memoryMiB, verdict], [2048, 4096, "take the larger"]);
  });

  it("suggests no size that Fargate does not offer, at either end", () => {
    assert.equal(adviceFor({}, { cpuUnits: 256, memoryMiB: 512 }).smaller, undefined);
    const most = adviceFor({ p99Seconds: week(2) }, { cpuUnits: 16384, memoryMiB: 122880 });
    assert.deepEqual([most.larger, most.verdict], [undefined, "it is too small, and there is no larger"]);
  });

  it("does not let one bad hour of a week decide on CPU and latency", () => {
    const spike = { p99Seconds: [...week(0.3), 9], cpuPercent: [...week(20), 99] };
    assert.equal(adviceFor(spike).verdict, "take the smaller");
  });

  it("does not judge a service that was up for less than a day", () => {
    assert.equal(advise(stack, { ...idle, cpuPercent: week(20).slice(0, 23) }), undefined);
    assert.match(report({ ...stack, variants: [{ ...idle, p99Seconds: [] }] }), /too few to judge/);
  });

  it("prices a pod by its machine", () => {
    const { usdPerMonth } = adviceFor({ target: "eks" });
    assert.ok(usdPerMonth > 3 * 730 * (0.04048 + 2 * 0.004445), "three machines cost more than three tasks");
  });

  it("asks CloudWatch for what the dashboard shows of each variant, an hour at a time", async () => {
    const settings = settingsOf({ target: "both" });
    const use = (service: string) => {
      const metric = (name: string) => ({ namespace: "Platform", metric: name, dimensions: { Service: service } });
      return { replicas: metric("Count"), cpuPercent: metric("Cpu"), memoryPercent: metric("Memory") };
    };
    const variants = settings.model.variants.map(({ name, target, weight }) => ({
      name,
      target,
      weight,
      loadBalancer: "app/inference/2",
      targetGroup: `targetgroup/${name}/1`,
      utilization: use(name),
    }));
    const shown = body(dashboard({ title: "t", variants, alarmArns: [] }), "eu-west-1");
    const asked: string[][] = [];
    const recording = await record(settings, 7, async (args) => {
      asked.push([...args]);
      if (args[0] === "get-dashboard") return { DashboardBody: JSON.stringify(shown) };
      return { MetricDataResults: [{ Id: "cpuPercent1", Values: [42] }] };
    });
    assert.deepEqual(asked[0], ["get-dashboard", "--dashboard-name", "inference-test"]);
    const queries = JSON.parse(asked[1]?.at(-1) ?? "") as { Id: string; MetricStat: Record<string, unknown> }[];
    assert.equal(queries.length, 8);
    assert.deepEqual(queries.find(({ Id }) => Id === "memoryPercent1")?.MetricStat, {
      Metric: { Namespace: "Platform", MetricName: "Memory", Dimensions: [{ Name: "Service", Value: "eks" }] },
      Period: 3600,
      Stat: "Maximum",
    });
    assert.deepEqual(
      recording.variants.map(({ name, cpuPercent }) => [name, cpuPercent]),
      [
        ["ecs", []],
        ["eks", [42]],
      ],
    );
  });

  describe("as a person runs it", () => {
    const folder = temporaryFolder("rightsize");
    const run = (...args: string[]) => {
      const environment = { ...process.env, TS_NODE_TRANSPILE_ONLY: "true" };
      const command = ["-r", "ts-node/register", "tools/rightsize/main.ts", ...args];
      return spawnSync(process.execPath, command, { cwd: projectFolder, env: environment, encoding: "utf8" });
    };

    it("prints its suggestion from a recording, and changes nothing", function () {
      this.timeout(60_000);
      const file = join(folder, "week.json");
      writeFileSync(file, JSON.stringify(stack));
      const { stdout, status } = run("--from", file);
      assert.equal(status, 0);
      assert.match(stdout, /smaller {2}cpu 512, memory 1024: saves 54\.06 USD a month/);
      assert.match(stdout, /Nothing was changed/);
    });

    it("says what is wrong with a file, and how it is called, without a stack", function () {
      this.timeout(60_000);
      const file = join(folder, "broken.json");
      writeFileSync(file, JSON.stringify({ ...stack, variants: [{ ...idle, replicas: "three" }] }));
      const broken = run("--from", file);
      assert.equal(broken.status, 1);
      assert.match(broken.stderr, /which is something else: replicas of ecs is no list of numbers\n$/);
      const none = run();
      assert.equal(none.status, 1);
      assert.match(none.stderr, /--stack or --from is missing/);
      assert.doesNotMatch(broken.stderr + none.stderr, /\n {4}at /);
    });
  });
});
