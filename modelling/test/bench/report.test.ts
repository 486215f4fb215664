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
  ...{ date: "", photo: "", missing: [], gflops: { fp32: [204.45], int8: [818] } },
  cpu: { model: "", cores: 2, vnni, extensions: [] },
  results,
});
const all = [
  ...[result("Flask", 10), result("FastAPI fp32", 16), result("fp32", 20)],
  ...[result("FastAPI int8", 30), result("int8", 45)],
];
const linesOf = (text: string, ...starts: string[]) =>
  text.split("\n").filter((line) => starts.some((start) => line.startsWith(start)));

describe("the benchmark's table", () => {
  it("fits 80 columns", () => {
    for (const line of table(report(true, all)).split("\n")) assert.ok(line.length <= 80, line);
  });

  it("prints the ratios to both servers below the rates, behind the floors of this kind of CPU", () => {
    assert.deepEqual(linesOf(table(report(true, all)), "images/s, c=16", "  to F").slice(2, 5), [
      "images/s, c=16          10     16      20               30      45",
      "  to Flask, 1.7; 4                     2.00x (2.0-2.0)          4.50x (4.5-4.5)",
      "  to FastAPI, 1.15; 1.2                1.25x (1.3-1.3)          1.50x (1.5-1.5)",
    ]);
    assert.match(table(report(false, all)), / {2}to Flask, 1\.7; 2\.5 /);
  });

  it("prints no ratio from disturbed measurements", () => {
    const disturbed = result("Flask", 10);
    for (const slice of disturbed.slices) slice.foreignShare = slice.round === 1 && slice.clients === 16 ? 0.11 : 0.1;
    const text = table(report(true, [disturbed, ...all.slice(1)]));
    assert.deepEqual(
      linesOf(text, "  to Flask").map((line) => line.replace(/.* {5}/, "").trim()),
      ["4.50x (4.5-4.5)", "disturbed"],
    );
  });

  it("prints shares of the matrix product of the same arithmetic", () => {
    assert.match(table(report(true, all)), /^% of matrix product +40 % +64 % +80 % +30 % +45 %$/m);
  });

  it("prints rates, medians and plain numbers without a server to compare with", () => {
    const text = table(report(true, [result("fp32", 20), result("int8", 45)]));
    assert.match(text, /^images\/s, c=16 +- +- +20 +- +45$/m);
    assert.match(text, /^start to ready, s +- +- +1\.20 +- +1\.20$/m);
    assert.match(text, /^ {2}kept, at least 85 % +- +- +93\.4 %/m);
    assert.deepEqual(linesOf(text, "  to"), []);
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
