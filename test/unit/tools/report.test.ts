import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { serviceSpec } from "../../../components/core/service-spec";
import { steadyRequestsPerSecond } from "../../../components/pricing";
import { compare } from "../../../tools/compare/comparison";
import { changes } from "../../../tools/report/changes";
import { html, markdown } from "../../../tools/report/render";
import { measuredLoads, type Report, reportFault } from "../../../tools/report/report";
import { projectFolder } from "../../../tools/stack/file";
import { stackSettings } from "../../../tools/stack/settings";
import { temporaryFolder } from "../../support/folder";
import { ecs, eks, load, step } from "../../support/measured-load";

describe("the report of costs and load", function () {
  this.timeout(180_000);
  let report: Report;

  before(async () => {
    const steady = steadyRequestsPerSecond(serviceSpec(stackSettings("dev")));
    const expected = { name: "as expected", target: "eks", replicas: 3, requestsPerSecond: 3 * steady } as const;
    const comparison = await compare({ stack: "dev", hours: 730, loads: [...measuredLoads(load), expected] });
    report = { comparison, load };
  });

  it("prices the requests that healthy replicas answered", () => {
    assert.deepEqual(measuredLoads(load), [{ name: "ecs", target: "ecs", replicas: 2, requestsPerSecond: 15 }]);
  });

  it("prices a measured load like the same expected load", () => {
    const { bills, loads, scenarios } = report.comparison;
    const expected = scenarios.find(({ name }) => name === "expected");
    assert.deepEqual(
      [loads[1]?.replicas, loads[1]?.requestsPerSecond],
      [expected?.replicas, expected?.requestsPerSecond],
    );
    const sum = bills.eks.expected.reduce((all, { usd }) => all + usd, 0);
    assert.ok(sum > 0 && Math.abs((loads[1]?.usd ?? 0) - sum) < 1e-6, `${loads[1]?.usd} and ${sum}`);
  });

  it("shows the measurements before the costs, in both formats", () => {
    for (const text of [markdown(report), html(report)]) {
      const order = [
        "Under load",
        "Step by step",
        "Health and version before the load",
        "Replicas, as",
        "Running at the end",
        "Cost of the measured load",
        "Line by line",
      ];
      const places = order.map((title) => text.indexOf(title));
      assert.ok(
        places.every((place, index) => place > (places[index - 1] ?? 0)),
        `${places}`,
      );
    }
    assert.match(markdown(report), /^\| ecs \| 15 \| 15 \| 80\.0 \| 140 \| 620 \| 620 \| 0 \|$/m);
    assert.match(markdown(report), /^\| ecs \| 1 \| 2 \| 243 s \| 58 s \|$/m);
    assert.match(html(report), /1\.2 &lt;model&gt; 3/);
  });

  it("lists the tasks running at the end with their health, and pods by address", () => {
    const replicas = [
      { id: "10.0.1.7", healthy: true },
      { id: "10.0.1.8", healthy: true, goneAt: 40 },
    ];
    const both = { ...report, load: { ...load, lanes: [ecs, { ...eks, replicas }] } };
    const text = markdown(both);
    const [, table = ""] = text.split("## Running at the end");
    const [section = ""] = table.split("\n## ");
    const rows = section.split("\n").filter((line) => /^\| (ecs|eks) /.test(line));
    assert.deepEqual(rows, [
      "| ecs | 0a1b | 10.0.0.1 | healthy |",
      "| ecs | 2c3d | 10.0.0.2 | healthy |",
      "| ecs | - | 10.0.0.3 | not healthy |",
      "| eks | - | 10.0.1.7 | healthy |",
    ]);
    assert.match(section, /Replicas without a task have only an address\. On EKS, kubectl/);
    const tasks = { ...ecs, replicas: (ecs.replicas ?? []).filter(({ task }) => task !== undefined) };
    assert.doesNotMatch(markdown({ ...report, load: { ...load, lanes: [tasks] } }), /have only an address/);
  });

  it("lists only the figures that changed since a baseline", () => {
    const slower = { ...load, lanes: [{ ...ecs, steps: [step(15, 775)] }, eks] };
    const { rows } = changes(report, { ...report, load: slower });
    assert.deepEqual(rows, [["ecs, p99 ms", "620", "775", "+25.0 %"]]);
    assert.deepEqual(changes(report, report).notes, ["Nothing changed."]);
    const gone = changes(report, { ...report, load: { ...load, lanes: [ecs] } }).rows;
    assert.deepEqual(
      gone.find(([name]) => name === "eks, p99 ms"),
      ["eks, p99 ms", "230", "-", ""],
    );
  });

  it("names the host and warns when the load ran on this machine", () => {
    const here = { ...report, load: { ...load, url: "http://127.0.0.1:8080/", stack: undefined } };
    const title = "Load on 127.0.0.1:8080, costs of stack dev in us-east-1";
    const caveat = /The load was measured on this machine \(127\.0\.0\.1:8080\), not on AWS: /;
    assert.ok(markdown(here).startsWith(`# ${title}\n\n**`) && html(here).includes(`<h1>${title}</h1>`));
    assert.match(markdown(here), caveat);
    assert.match(html(here), caveat);
    const tunnel = { ...here, load: { ...here.load, stack: "dev" } };
    for (const other of [report, tunnel]) assert.doesNotMatch(markdown(other) + html(other), /not on AWS: /);
  });

  describe("as a command", () => {
    const folder = temporaryFolder("report");
    const file = join(folder, "load.json");
    const run = (...args: string[]) => {
      const command = ["-r", "ts-node/register", "tools/report/main.ts", ...args];
      return spawnSync(process.execPath, command, { cwd: projectFolder, encoding: "utf8" });
    };
    before(() => writeFileSync(file, JSON.stringify(load)));

    it("writes a page, Markdown and JSON, with the changes since a baseline", () => {
      const [out, baseline] = [join(folder, "out"), join(folder, "baseline.json")];
      writeFileSync(baseline, JSON.stringify(report));
      const { status, stderr } = run("--stack", "dev", "--load", file, "--baseline", baseline, "--out", out);
      assert.equal(status, 0, stderr);
      assert.deepEqual(readdirSync(out).sort(), ["report.html", "report.json", "report.md"]);
      assert.match(readFileSync(join(out, "report.md"), "utf8"), /^## Since 2026-11-20$/m);
      assert.equal(reportFault(JSON.parse(readFileSync(join(out, "report.json"), "utf8"))), undefined);
    });

    it("reports a load on this machine without the Pulumi CLI", async () => {
      const server = createServer((request, response) => {
        request.resume().once("end", () => response.end("{}"));
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const out = join(folder, "here");
      const args = [url, "--stack", "dev", "--rps", "10", "--seconds", "1", "--out", out];
      const env = { ...process.env, PATH: "" };
      const command = ["-r", "ts-node/register", "tools/report/main.ts", ...args];
      try {
        await promisify(execFile)(process.execPath, command, { cwd: projectFolder, env });
      } finally {
        server.close();
      }
      assert.match(readFileSync(join(out, "report.md"), "utf8"), /^# Load on 127\.0\.0\.1:\d+, costs of stack dev/);
    });

    it("prints in its help how to load this machine, and refuses a missing --stack", () => {
      assert.match(run("--help").stdout, /npm run report -- http:\/\/127\.0\.0\.1:8080 --stack dev/);
      assert.match(run("http://127.0.0.1:8080").stderr, /^--stack is missing; expected the stack to price\n/);
    });

    it("refuses a file of another stack", () => {
      const { status, stderr } = run("--stack", "prod", "--load", file);
      assert.deepEqual([status, stderr], [1, "--load is a file of stack dev; expected prod, as in --stack\n"]);
      assert.match(
        run("http://127.0.0.1", "--stack", "dev", "--load", file).stderr,
        /^--load reads a saved measurement/,
      );
    });

    it("refuses a file of another format in one line", () => {
      const other = run("--stack", "dev", "--load", join(projectFolder, "package.json"));
      assert.equal(other.status, 1);
      assert.match(
        other.stderr,
        /^--load is .*package\.json, which has another format than expected: it has no url and startedAt\n$/,
      );
      const baseline = run("--stack", "dev", "--load", file, "--baseline", file);
      assert.match(
        baseline.stderr,
        /^--baseline is .*, which has another format than expected: it has no comparison\n$/,
      );
      assert.match(run("--stack", "nix", "--load", file).stderr, /^--stack is nix: there is no Pulumi\.nix\.yaml\n$/);
    });
  });
});
