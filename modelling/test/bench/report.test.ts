import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { commandOf, isOurs, type Name } from "../../bench/contestants";
import { kinds } from "../../bench/large-photos";
import type { Result } from "../../bench/measure";
import { missingServers, type Obstacles } from "../../bench/missing";
import { fullPlan, minutesOf, quickPlan } from "../../bench/plan";
import { withReport } from "../../bench/readme";
import { describeReport, type Report } from "../../bench/report";
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
  largePhotos: isOurs(name)
    ? kinds.map((kind) => ({
        ...{ kind, perSecond: 12.34, acceptedP99Ms: 1100, healthP99Ms: 56.7, refused: 3, failed: 0, foreignShare: 0 },
      }))
    : [],
  healthPerSecond: [20_000],
});
const report = (vnni: boolean, results: Result[], extensions: string[] = []): Report => ({
  ...{ date: "2026-12-01T00:00:00.000Z", node: "24.0.0", photo: "rocket.jpg", isQuick: false, missing: [] },
  gflops: { fp32: [204.45], bf16: [408.9], int8: [818] },
  cpu: { model: "AMD EPYC", cores: 2, vnni, extensions },
  results,
});
const all = [
  ...[result("Flask torch fp32", 10), result("FastAPI onnxruntime fp32", 16), result("app onnxruntime fp32", 20)],
  ...[result("FastAPI onnxruntime int8", 30), result("app onnxruntime int8", 45)],
  ...[result("FastAPI OpenVINO bf16", 25), result("app OpenVINO bf16", 30), result("app OpenVINO int8", 60)],
];
/** The cells of a row of the table that begins with these. */
function cellsOf(text: string, ...begin: string[]): string[] {
  const rows = text.split("\n").map((line) =>
    line
      .split("|")
      .map((cell) => cell.trim())
      .slice(1, -1),
  );
  const own = rows.find((cells) => begin.every((cell, index) => cells[index] === cell));
  return own?.slice(begin.length) ?? assert.fail(`no row ${begin} in\n${text}`);
}
/** The cells of the row below it, if that has floors. */
function floorBelow(text: string, own: string, other: string): string[] {
  const lines = text.split("\n");
  const below = lines[lines.findIndex((line) => line.startsWith(`| ${own} `) && line.includes(`| ${other}`)) + 1] ?? "";
  return below.includes("| floor ") ? cellsOf(below, "", "floor") : [];
}

describe("the benchmark's report", () => {
  const text = describeReport(report(true, all, ["avx512_vnni"]));

  it("fits 120 columns", () => {
    for (const line of text.split("\n")) assert.ok(!line.startsWith("|") || line.length <= 120, line);
  });

  it("names the day, the CPU, its instruction sets and Node, and the servers that did not run", () => {
    const missing = [{ name: "FastAPI OpenVINO int8" as const, why: "python3 cannot import openvino" }];
    const told = describeReport({ ...report(true, all, ["avx2", "avx512_vnni"]), missing });
    assert.match(
      told,
      /^Measured on 2026-12-01 in one full run, on 2 cores of AMD EPYC with avx2, avx512_vnni, Node 24\.0\.0: /,
    );
    assert.match(told, /^Without FastAPI OpenVINO int8: python3 cannot import openvino\.$/m);
    assert.match(describeReport({ ...report(true, all), isQuick: true }), /in a `--quick` run, too short to quote/);
  });

  it("has a row for each server", () =>
    assert.deepEqual(cellsOf(text, "app onnxruntime fp32").slice(0, 9), [
      ...["20", "20", "12345", "23456", "100", "80", "1235", "1.20"],
    ]));

  it("compares ours with Python's servers, above the floors of this kind of CPU", () => {
    const ratio = "1.25 (1.3-1.3)";
    assert.deepEqual(cellsOf(text, "app onnxruntime fp32", "FastAPI onnxruntime fp32"), [ratio, ratio, "1.00"]);
    assert.deepEqual(floorBelow(text, "app onnxruntime fp32", "FastAPI"), ["1.1", "1.15", "0.7"]);
    assert.deepEqual(floorBelow(text, "app onnxruntime int8", "Flask"), ["", "4", ""]);
    const withoutVnni = describeReport(report(false, all));
    assert.deepEqual(floorBelow(withoutVnni, "app onnxruntime int8", "Flask"), ["", "2.5", ""]);
  });

  it("compares OpenVINO with onnxruntime, and has a floor for it on CPUs with AMX only", () => {
    const beside = ["app OpenVINO bf16", "app onnxruntime fp32"] as const;
    assert.equal(cellsOf(text, ...beside)[1], "1.50 (1.5-1.5)");
    assert.deepEqual(floorBelow(text, ...beside), []);
    const onAmx = describeReport(report(true, all, ["amx_int8", "amx_bf16"]));
    assert.deepEqual(floorBelow(onAmx, ...beside), ["", "2", ""]);
    assert.deepEqual(floorBelow(onAmx, "app OpenVINO int8", "app onnxruntime int8"), ["", "1.5", ""]);
  });

  it("prints no ratio, share or goodput from disturbed measurements, and marks their figures", () => {
    const disturbed = result("Flask torch fp32", 10);
    for (const slice of disturbed.slices) {
      if (slice.clients === 16) slice.foreignShare = slice.round === 1 ? 0.11 : 0.1;
    }
    const own = result("app onnxruntime int8", 45);
    for (const each of [...own.slices, ...own.overloads]) each.foreignShare = 0.5;
    const told = describeReport(report(true, [disturbed, all[2] ?? assert.fail(), own]));
    const ratios = cellsOf(told, "app onnxruntime fp32", "Flask torch fp32");
    assert.deepEqual(ratios.slice(0, 2), ["2.00 (2.0-2.0)", "disturbed"]);
    assert.deepEqual(cellsOf(told, "app onnxruntime int8").slice(0, 2), ["~45", "~45"]);
    assert.equal(cellsOf(told, "app onnxruntime int8")[5], "disturbed");
    assert.equal(cellsOf(told, "Flask torch fp32")[1], "10", "of the round that nothing disturbed");
    assert.match(told, /more than 10 % of the CPU in 6 of 19 measurements/);
    assert.match(told, /^\| app onnxruntime int8 +\| 20000 +\| ~987 +\| disturbed +\| ~12\.3 +\|$/m);
  });

  it("prints shares of the matrix product in the same arithmetic", () => {
    const shares = all.map(({ name }) => cellsOf(text, name)[5]);
    assert.deepEqual(shares, ["40", "64", "80", "30", "45", "50", "60", "60"]);
    const withoutBf16 = { ...report(true, all), gflops: { fp32: [204.45], bf16: [Number.NaN], int8: [818] } };
    assert.equal(cellsOf(describeReport(withoutBf16), "app OpenVINO bf16")[5], "-");
  });

  it("prints what became of each overload", () =>
    assert.match(text, /^\| app OpenVINO int8 +\| 20000 +\| 987 +\| 93\.4 +\| 12\.3 +\|$/m));

  it("prints what callers of large photos got, of our servers", () => {
    assert.match(text, /^\| app OpenVINO int8( +\| 12\.3 +\| 1100 +\| 56\.7){2} +\|$/m);
    assert.doesNotMatch(text, /^\| FastAPI [^|]+\| 12\.3 /m);
    const own = result("app onnxruntime int8", 45);
    for (const one of own.largePhotos) one.foreignShare = 0.2;
    assert.match(
      describeReport(report(true, [own])),
      /^\| app onnxruntime int8( +\| ~12\.3 +\| ~1100 +\| ~56\.7){2} +\|$/m,
    );
  });

  it("prints overloads in the order of their size", () => {
    const [first, second] = [result("Flask torch fp32", 10), result("app onnxruntime fp32", 20)];
    const [four = assert.fail()] = second.overloads;
    second.overloads = [{ ...four, times: 2 }, four];
    assert.match(describeReport(report(true, [first, second])), /\| 2x: p99 ms .*\| 4x: p99 ms /);
  });

  it("compares nothing without a server to compare with", () => {
    const told = describeReport(report(true, [result("app onnxruntime fp32", 20)]));
    assert.match(told, /^No server of Python ran to compare with\.$/m);
    assert.doesNotMatch(told, /floor +\| 1\.1/);
  });

  it("replaces the last one in the README, and nothing else", () => {
    const document = "before\n<!-- bench: written by x -->\nold\n$1\n<!-- /bench -->\nafter\n";
    const replaced = withReport(document, "| $& |");
    assert.equal(replaced, "before\n<!-- bench: written by x -->\n| $& |\n<!-- /bench -->\nafter\n");
    assert.throws(() => withReport("no block", "new"), /app\/README\.md has no <!-- bench/);
    const readme = readFileSync(path.join(__dirname, "..", "..", "..", "app", "README.md"), "utf8");
    assert.notEqual(withReport(readme, "new"), readme);
  });
});

describe("the benchmark's servers", () => {
  const missing = (obstacles: Obstacles) => missingServers(obstacles).map(({ name, why }) => `${name}: ${why}`);
  const here = "this CPU has bf16, so OpenVINO is timed in that";

  it("all run where everything is there, OpenVINO in one of fp32 and bf16", () =>
    assert.deepEqual(missing({}), [`FastAPI OpenVINO fp32: ${here}`, `app OpenVINO fp32: ${here}`]));

  it("of OpenVINO are left out with what is missing, in bf16 also for the CPU", () => {
    assert.deepEqual(missing({ openvinoWheel: "no wheel", openvinoLibrary: "no library", bf16: "no bf16" }), [
      ...["FastAPI OpenVINO fp32: no wheel", "app OpenVINO fp32: no library"],
      ...["FastAPI OpenVINO bf16: no bf16", "app OpenVINO bf16: no bf16"],
      ...["FastAPI OpenVINO int8: no wheel", "app OpenVINO int8: no library"],
    ]);
  });

  it("in Python are left out without its packages, and ours never for them", () => {
    const why = missingServers({ flask: "no torch", fastapi: "no fastapi", bf16: "no bf16" });
    assert.deepEqual(
      why.filter(({ name }) => isOurs(name)).map(({ name }) => name),
      ["app OpenVINO bf16"],
    );
    assert.equal(why.filter(({ why: told }) => told === "no fastapi").length, 4);
  });

  it("run OpenVINO where the image has it, with the same version of it in Python", () => {
    const { env } = commandOf("app OpenVINO bf16", 1, { folder: "/models", safetensors: "" });
    assert.deepEqual([env.MODEL_RUNTIME, env.MODEL_PRECISION], ["openvino", "bf16"]);
    const root = path.join(__dirname, "..", "..", "..");
    const pinned = (file: string) => /^openvino==(\S+)/m.exec(readFileSync(path.join(root, file), "utf8"))?.[1];
    assert.equal(pinned("modelling/bench/fastapi/requirements-openvino.txt"), pinned("app/openvino/requirements.txt"));
  });
});

describe("the benchmark's full plan", () => {
  it("visits one caller to 64, and twice to six times what a server can answer, several times over", () => {
    assert.deepEqual(fullPlan.clients, [1, 4, 16, 64]);
    assert.deepEqual([fullPlan.overloads[0], fullPlan.overloads.at(-1)], [2, 6]);
    assert.ok(Math.min(fullPlan.rounds, fullPlan.starts) >= 3, "one measurement says nothing of its spread");
  });

  it("takes the time that the README says", () => {
    assert.equal(minutesOf(fullPlan, { ours: 4, others: 5 }), 27);
    assert.equal(minutesOf(fullPlan, { ours: 2, others: 0 }), 7);
    assert.equal(minutesOf(quickPlan, { ours: 4, others: 5 }), 8);
    assert.equal(minutesOf(quickPlan, { ours: 2, others: 0 }), 2);
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
