import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { cpSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { measurementFile, readMeasurement } from "../../components/pricing";
import { projectFolder } from "../../tools/stack/file";
import { temporaryFolder } from "../support/folder";
import { measurement } from "../support/measurement";
import { slowServer } from "../support/slow-server";

/** What the program and compare report about dev, with another image than the measured one. */
const script = `
const { evaluateStack } = require("./tools/offline");
const { compare, monthly } = require("./tools/compare/comparison");
(async () => {
  const { outputs, logs } = await evaluateStack("dev");
  const facts = await compare({ stack: "dev", hours: 730 });
  const { atMinimum, atMaximum } = outputs.monthlyUsd;
  const warned = logs.filter(({ severity }) => severity === "warning").map(({ message }) => message);
  const costs = ["idle", "full"].map((load) => monthly(facts, facts.curves[0].target, load));
  console.log(JSON.stringify({ usd: [atMinimum.sum, atMaximum.sum], costs, figures: facts.figures, warned, warnings: facts.warnings }));
})().catch((error) => { console.error(error.message); process.exitCode = 1; });
`;

describe("a stack with a measurement beside its file", function () {
  this.timeout(120_000);
  const folder = temporaryFolder("measured-stack");
  const image = `ghcr.io/team/model@sha256:${"cd".repeat(32)}`;
  const run = () =>
    execFileSync(process.execPath, ["-r", "ts-node/register", "-e", script], {
      cwd: folder,
      encoding: "utf8",
      stdio: "pipe",
    });
  const write = (content: object) => writeFileSync(join(folder, measurementFile("dev")), JSON.stringify(content));

  before(() => {
    for (const part of [
      "index.ts",
      "components",
      "tools",
      "package.json",
      "tsconfig.json",
      "Pulumi.yaml",
      "Pulumi.README.md",
    ])
      cpSync(join(projectFolder, part), join(folder, part), { recursive: true });
    for (const part of ["node_modules", "app"]) symlinkSync(join(projectFolder, part), join(folder, part));
    const eks = { endpointCidrs: ["203.0.113.0/24"] };
    const config = { "aws:region": "us-east-1", eks, ingressCidrs: ["0.0.0.0/0"], image };
    writeFileSync(join(folder, "Pulumi.dev.yaml"), JSON.stringify({ config }));
    write(measurement);
  });

  it("is priced by it in the program and in compare, and both warn of another image", () => {
    const report = JSON.parse(run());
    assert.match(report.figures, /^measured by npm run measure on 2026-11-29, ghcr\.io\/team\/model@sha256:abab/);
    const round = (values: readonly number[]) => values.map((value) => value.toFixed(1));
    assert.deepEqual(round(report.usd), round(report.costs));
    for (const warnings of [report.warned, report.warnings])
      assert.ok(
        warnings.some((line: string) => line.startsWith("Pulumi.dev.measured.json measured sha256:abababababab, and")),
        String(warnings),
      );
  });

  it("is measured by npm run measure, which writes the file", async function () {
    // A stalled machine looks like a slow server.
    this.retries(2);
    const { url, server } = await slowServer(20);
    const limits = ["--cpu", "512", "--rps", "20", "--seconds", "1", "--p99", "400"];
    const args = ["-r", "ts-node/register", "tools/measure/main.ts", "--stack", "dev", url.href, ...limits];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder }).finally(() => server.close());
    const written = readMeasurement(folder, "dev");
    assert.deepEqual([written?.subject, written?.vcpus, written?.p99LimitMs], [url.origin, 0.5, 400]);
    const rate = written?.requestsPerSecondPerVcpu;
    assert.ok(rate !== undefined && rate > 40 && rate <= 160, `${rate}`);
    const told = stdout.replace(/\s+/g, " ");
    assert.ok(
      told.includes(`${url.origin}: ${rate} requests/s per vCPU with p99 within 400 ms. Wrote Pulumi.dev.me`),
      told,
    );
    assert.ok(stdout.split("\n").every((line) => line.length <= 80));
  });

  it("is refused, with file and field, when the measurement does not fit", () => {
    write({ ...measurement, vcpus: "two" });
    assert.throws(
      run,
      /Pulumi\.dev\.measured\.json: 1 problem\n {2}vcpus is "two"; expected a number from 0\.01 to 1024/,
    );
  });
});
