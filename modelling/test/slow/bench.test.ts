import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import path from "node:path";
import { names } from "../../bench/contestants";
import { missingServers } from "../../bench/missing";
import type { Report } from "../../bench/report";

const modelling = path.join(__dirname, "..", "..");

describe("the benchmark", () => {
  it("measures every server that can run here, prints a table and writes the same as JSON", async function () {
    this.timeout(20 * 60_000);
    const startedAt = new Date().toISOString();
    const options = ["-r", "ts-node/register/transpile-only", "bench/main.ts", "--quick"];
    const bench = spawn(process.execPath, options, { cwd: modelling, stdio: ["ignore", "pipe", "ignore"] });
    let printed = "";
    bench.stdout.on("data", (chunk: Buffer) => {
      printed += chunk;
    });
    assert.deepEqual(await once(bench, "close"), [0, null], printed);
    const report: Report = JSON.parse(readFileSync(path.join(modelling, ".cache", "bench.json"), "utf8"));
    assert.ok(report.date > startedAt, "the report is this run's");
    const missing = missingServers();
    const servers = names.filter((name) => !missing.some((one) => one.name === name));
    assert.deepEqual([report.missing, report.results.map(({ name }) => name)], [missing, servers]);
    for (const result of report.results) {
      assert.deepEqual([...new Set(result.slices.map(({ clients }) => clients))], [1, 16]);
      assert.deepEqual([result.startMs.length, result.healthPerSecond.length, result.overloads.length], [1, 2, 1]);
      for (const { perSecond, p50Ms, p99Ms } of result.slices) assert.ok(perSecond > 0 && p50Ms > 0 && p99Ms >= p50Ms);
      assert.ok(result.residentMb > 50);
    }
    assert.ok(Math.min(...report.gflops.fp32, ...report.gflops.int8) > 0);
    for (const name of servers) assert.equal(printed.split(`\n| ${name} `).length > 2, true, name);
    for (const head of ["images/s", "overload"]) assert.ok(printed.includes(`\n| ${head} `), printed);
    assert.equal(/^\| app onnxruntime fp32 +\| Flask/m.test(printed), servers.includes("Flask torch fp32"));
  });
});
