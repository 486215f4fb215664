import assert from "node:assert/strict";
import type { Name } from "../../bench/contestants";
import type { Result } from "../../bench/measure";
import { fullPlan } from "../../bench/plan";
import { type Report, table } from "../../bench/report";
import { encodeSafetensors } from "../../bench/safetensors";
import { median, quantile } from "../../bench/statistics";

const result = (name: Name, perSecond: number): Result => ({
  name,
  startMs: [1500, 900, 1200],
  residentMb: 1234.5,
  slices: [1, 16].flatMap((clients) =>
    [1, 2].map((round) => ({
      round,
      clients,
      perSecond,
      cpuMsPerImage: 2000 / perSecond,
      p50Ms: 12_345,
      p99Ms: 23_456,
      foreignShare: 0,
    })),
  ),
  overloads: [
    {
      ...{ times: 4, arrivalsPerSecond: 40, acceptedP99Ms: 987, goodputKept: 0.934, healthP99Ms: 12.34 },
      ...{ refused: 3, failed: 0, foreignShare: 0 },
    },
  ],
  healthPerSecond: [20_000],
});
const report = (vnni: boolean, results: Result[]): Report => ({
  ...{ date: "", photo: "", sgemmGflops: [], sgemmImagesPerSecond: 25, cpu: { model: "", cores: 2, vnni } },
  results,
});
const all = [result("reference", 10), result("fp32", 20), result("int8", 45)];
const lineOf = (text: string, start: string) => text.split("\n").find((line) => line.startsWith(start)) ?? "";

describe("the benchmark's table", () => {
  it("fits 100 columns", () => {
    for (const line of table(report(true, all)).split("\n")) assert.ok(line.length <= 100, line);
  });

  it("sets ratios beside the reference, and the floor and aim of this kind of CPU", () => {
    assert.match(
      lineOf(table(report(false, all)), "images/s, c=16"),
      /^images\/s, c=16 +10 +20 2\.00x .* 45 4\.50x .*2\.5 -> 3x$/,
    );
    assert.match(lineOf(table(report(true, all)), "images/s, c=16"), /4 -> 5x$/);
  });

  it("prints the share of sgemm that the target ratios need", () => {
    assert.match(lineOf(table(report(false, all)), "  that 1.7x, 2x would need"), / - +68 %, 80 % +-/);
    assert.equal(lineOf(table(report(true, all.slice(1))), "  that 1.7x"), "");
  });

  it("prints shares, medians and plain numbers without a reference", () => {
    const text = table(report(true, all.slice(1)));
    assert.match(lineOf(text, "images/s, c=16"), /^images\/s, c=16 +- +20 +45 /);
    assert.match(lineOf(text, "share of sgemm"), /80 % +180 % /);
    assert.match(lineOf(text, "start to ready"), /1\.20 +1\.20 /);
    assert.match(lineOf(text, "4x overload: kept"), /93\.4 % /);
  });
});

describe("the benchmark's full plan", () => {
  it("visits one caller to 64, and twice to six times what a server can answer, several times over", () => {
    assert.deepEqual(fullPlan.clients, [1, 4, 16, 64]);
    assert.deepEqual([fullPlan.overloads[0], fullPlan.overloads.at(-1)], [2, 6]);
    assert.ok(Math.min(fullPlan.rounds, fullPlan.starts) >= 3, "one measurement says nothing of its spread");
  });
});

describe("the benchmark's statistics", () => {
  it("return the value below which the share lies, in any order", () => {
    const values = Array.from({ length: 100 }, (_, index) => 99 - index);
    assert.equal(median(values), 50);
    assert.equal(quantile(values, 0.99), 99);
    assert.ok(Number.isNaN(quantile([], 0.5)));
  });
});

describe("safetensors", () => {
  it("store each weight at the offset in the header, under torchvision's name", () => {
    const tensors = [
      { name: "layer1.0.downsample.bias", dims: [2], data: Float32Array.of(1, 2) },
      { name: "fc.weight", dims: [1, 2], data: Float32Array.of(3, 4) },
    ];
    const initializers = new Map(tensors.map((tensor) => [tensor.name, tensor]));
    const bytes = encodeSafetensors({ name: "", nodes: [], inputs: [], outputs: [], initializers });
    const start = 8 + Number(bytes.readBigUInt64LE());
    const header = JSON.parse(bytes.subarray(8, start).toString());
    assert.deepEqual(Object.keys(header), ["layer1.0.downsample.0.bias", "fc.weight"]);
    assert.equal(bytes.readFloatLE(start + header["fc.weight"].data_offsets[0]), 3);
  });
});
