import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import { advise } from "../../../tools/rightsize/advice";
import { metricReader, record } from "../../../tools/rightsize/cloudwatch";
import type { Observed, Recording } from "../../../tools/rightsize/recording";
import { report } from "../../../tools/rightsize/report";
import type { DeployedStack } from "../../../tools/stack/deployed";
import { projectFolder } from "../../../tools/stack/file";
import { temporaryFolder } from "../../support/folder";
import { measurement } from "../../support/measurement";
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
  bounds: { min: 3, max: 12 },
  nodeCpu: "any",
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
  it("finds the next smaller size of an idle service, and the monthly saving of three replicas", () => {
    const { smaller, usdPerMonth, verdict } = adviceFor({});
    assert.deepEqual([smaller?.cpuUnits, smaller?.memoryMiB, verdict], [512, 1024, "take the smaller size"]);
    near(usdPerMonth, 3 * 730 * (0.04048 + 2 * 0.004445));
    near(smaller?.savedUsdPerMonth, 3 * 730 * (0.5 * 0.04048 + 0.004445));
  });

  it("keeps a size when the smaller one would exceed the CPU target of scaling", () => {
    const { smaller, verdict } = adviceFor({ cpuPercent: week(40), memoryPercent: week(70) });
    assert.equal(verdict, "keep the size");
    assert.ok(smaller && smaller.against.length > 0);
  });

  it("keeps a size when the smaller one would be slow", () => {
    const { smaller, verdict } = adviceFor({ p99Seconds: week(0.6), memoryPercent: week(80) });
    assert.equal(verdict, "keep the size");
    assert.ok(smaller && smaller.against.length > 0);
  });

  it("keeps 25 % headroom above the memory peak", () => {
    // 1600 of 2048 MiB: 2000 with headroom.
    assert.equal(adviceFor({ memoryPercent: [...week(30), 78] }).smaller?.memoryMiB, 2048);
    // 820 MiB and a quarter are more than 1024.
    assert.equal(adviceFor({ memoryPercent: week(40.1) }).smaller?.memoryMiB, 2048);
    assert.equal(adviceFor({ memoryPercent: week(39.9) }).smaller?.memoryMiB, 1024);
  });

  it("recommends more memory when the peak is close to the limit", () => {
    const { larger, verdict } = adviceFor({ memoryPercent: week(90) });
    assert.deepEqual([larger?.cpuUnits, larger?.memoryMiB, verdict], [1024, 3072, "take the larger size"]);
    near(larger?.savedUsdPerMonth, -3 * 730 * 0.004445);
  });

  it("recommends more CPU when answers are slow", () => {
    const { larger, verdict } = adviceFor({ p99Seconds: week(1.4) });
    assert.deepEqual([larger?.cpuUnits, larger?.memoryMiB, verdict], [2048, 4096, "take the larger size"]);
  });

  it("suggests no size that Fargate does not offer, at either end", () => {
    assert.equal(adviceFor({}, { cpuUnits: 256, memoryMiB: 512 }).smaller, undefined);
    const most = adviceFor({ p99Seconds: week(2) }, { cpuUnits: 16384, memoryMiB: 122880 });
    assert.deepEqual([most.larger, most.verdict], [undefined, "it is too small, and there is no larger size"]);
  });

  it("does not let one bad hour of a week decide on CPU and latency", () => {
    const spike = { p99Seconds: [...week(0.3), 9], cpuPercent: [...week(20), 99] };
    assert.equal(adviceFor(spike).verdict, "take the smaller size");
  });

  it("says what each size carries when the stack was measured: 15.4 a vCPU", () => {
    const text = report(stack, measurement);
    assert.match(text, /^ {2}carries {2}15 requests\/s a replica$/m);
    assert.match(text, /^ {2}smaller {2}cpu 512, memory 1024: saves .* a month; carries 7\.7 requests\/s$/m);
    assert.match(text, /^Requests\/s: measured by npm run measure on 2026-11-29,/m);
    assert.doesNotMatch(report(stack), /carries|measured/);
  });

  it("gives no verdict on less than a day of metrics", () => {
    assert.equal(advise(stack, { ...idle, cpuPercent: week(20).slice(0, 23) }), undefined);
    assert.match(report({ ...stack, variants: [{ ...idle, p99Seconds: [] }] }), /too few to judge/);
  });

  it("prices a pod by its share of the machine", () => {
    const { usdPerMonth } = adviceFor({ target: "eks" });
    assert.ok(usdPerMonth > 3 * 730 * (0.04048 + 2 * 0.004445), "three machines cost more than three tasks");
  });

  describe("record", () => {
    const metric = (name: string, service: string) => ({
      namespace: "Platform",
      metric: name,
      dimensions: { Service: service },
    });
    const sizing = (service: string) => ({
      latencySeconds: metric("Latency", service),
      replicas: metric("Count", service),
      cpuPercent: metric("Cpu", service),
      memoryPercent: metric("Memory", service),
    });
    const stack = (metrics: Readonly<Record<string, unknown>>): DeployedStack => ({
      name: "prod",
      outputs: {},
      resources: [{ type: "inference:aws:Observability", urn: "", outputs: { metrics } }],
      connection: { assumeRoles: [], endpoints: {} },
    });
    const both = settingsOf({ target: "both" });

    it("queries the metrics in the stack's state, an hour at a time, over --days", async () => {
      let asked: MetricDataQuery[] = [];
      let days = 0;
      const recording = await record(
        stack({ ecs: sizing("ecs"), eks: sizing("eks") }),
        both,
        7,
        async (queries, { StartTime, EndTime }) => {
          asked = queries;
          days = (EndTime.getTime() - StartTime.getTime()) / 86_400_000;
          return new Map([["cpuPercent1", [42]]]);
        },
      );
      assert.deepEqual([asked.length, days], [8, 7]);
      assert.deepEqual(asked.find(({ Id }) => Id === "memoryPercent1")?.MetricStat, {
        Metric: { Namespace: "Platform", MetricName: "Memory", Dimensions: [{ Name: "Service", Value: "eks" }] },
        Period: 3600,
        Stat: "Maximum",
      });
      assert.equal(asked.find(({ Id }) => Id === "p99Seconds0")?.MetricStat?.Metric?.MetricName, "Latency");
      assert.deepEqual(
        recording.variants.map(({ name, cpuPercent }) => [name, cpuPercent]),
        [
          ["ecs", []],
          ["eks", [42]],
        ],
      );
    });

    it("refuses a variant that is not deployed, and one without metrics, with the fix", async () => {
      const none = async () => new Map<string, number[]>();
      await assert.rejects(
        record(stack({ ecs: sizing("ecs") }), both, 7, none),
        /^Error: Stack prod does not run eks\. Deploy it: pulumi up$/,
      );
      const { latencySeconds, replicas } = sizing("eks");
      await assert.rejects(
        record(stack({ ecs: sizing("ecs"), eks: { latencySeconds, replicas } }), both, 7, none),
        /^Error: Stack prod has no CPU and memory metrics of eks, because insights is off\. Turn it on:\n {2}pulumi config set insights standard/,
      );
    });
  });

  describe("metricReader", () => {
    const asked: unknown[] = [];
    const pages = [
      { MetricDataResults: [{ Id: "a", Values: [1, 2] }], NextToken: "more" },
      { MetricDataResults: [{ Id: "a", Values: [3] }, { Id: "b" }] },
    ];
    const server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk) => {
        body += chunk;
      });
      request.on("end", () => {
        asked.push(request.headers["x-amz-target"], JSON.parse(body).NextToken);
        response.setHeader("content-type", "application/x-amz-json-1.0");
        response.end(JSON.stringify(pages[asked.length / 2 - 1]));
      });
    });
    before(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
    after(() => server.close());

    it("reads every page with the connection of the stack", async () => {
      const cloudwatch = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const keys = { accessKeyId: "a", secretAccessKey: "b" };
      const read = metricReader({ region: "us-east-1", keys, assumeRoles: [], endpoints: { cloudwatch } });
      const found = await read([], { StartTime: new Date(0), EndTime: new Date(3_600_000) });
      assert.deepEqual(Object.fromEntries(found), { a: [1, 2, 3], b: [] });
      const action = "GraniteServiceVersion20100801.GetMetricData";
      assert.deepEqual(asked, [action, undefined, action, "more"]);
    });
  });

  describe("as a command", () => {
    const folder = temporaryFolder("rightsize");
    const run = (...args: string[]) => {
      const command = ["-r", "ts-node/register", "tools/rightsize/main.ts", ...args];
      return spawnSync(process.execPath, command, { cwd: projectFolder, encoding: "utf8" });
    };

    it("prints a recommendation from a recording, and changes nothing", function () {
      this.timeout(60_000);
      const file = join(folder, "week.json");
      writeFileSync(file, JSON.stringify(stack));
      const { stdout, status } = run("--from", file);
      assert.equal(status, 0);
      assert.match(stdout, /smaller {2}cpu 512, memory 1024: saves 54\.06 USD a month/);
      assert.match(stdout, /This command changed nothing/);
    });

    it("reports the fault of a file, and prints the usage without a stack", function () {
      this.timeout(60_000);
      const file = join(folder, "broken.json");
      writeFileSync(file, JSON.stringify({ ...stack, variants: [{ ...idle, replicas: "three" }] }));
      const broken = run("--from", file);
      assert.equal(broken.status, 1);
      assert.match(
        broken.stderr,
        /which has another format than expected: replicas of ecs is not a list of numbers\n$/,
      );
      const none = run();
      assert.equal(none.status, 1);
      assert.match(none.stderr, /--stack or --from is missing/);
      assert.doesNotMatch(broken.stderr + none.stderr, /\n {4}at /);
    });
  });
});
