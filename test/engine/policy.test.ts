import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { rules } from "../../policy/rules";
import { skippedSuite } from "../support/skipped-suite";
import { type Fixture, fixtures } from "../unit/policy/fixtures";
import { projectRoot } from "./support/cli";
import type { Sandbox } from "./support/sandbox";
import { succeeds } from "./support/succeeds";
import { describeWithEngine, type OpenSandbox } from "./support/suite";

const title = "The policy pack";
const pack = join(projectRoot, "policy");
const withPack = ["--policy-pack", pack];

/** What a command reports, as "level rule". */
const reportsIn = (output: string) =>
  [...output.matchAll(/- \[(\w+)\] +(\S+)/g)].map(([, level, rule]) => `${level} ${rule}`);

function tests(open: OpenSandbox): void {
  let sandbox: Sandbox;

  before(async () => {
    execFileSync(join(projectRoot, "node_modules/.bin/tsc"), ["-p", pack], { timeout: 120_000 });
    sandbox = await open();
    await sandbox.createStack("dev");
    await sandbox.createStack("prod");
  });

  const upWithPack = async (stack: string) =>
    reportsIn(succeeds(await sandbox.up("--stack", stack, ...withPack)).output);

  it("lets dev and prod pass, on ECS and on both", async () => {
    assert.deepEqual(await upWithPack("dev"), []);
    assert.deepEqual(await upWithPack("prod"), []);
    sandbox.configure("prod", { "inference:target": "both" });
    // The stack files as shipped open the Kubernetes API.
    assert.deepEqual(await upWithPack("prod"), ["advisory public-eks-endpoint"]);
  });

  it("runs in a preview, where some values are not known yet", async () => {
    sandbox.configure("dev", { "inference:target": "eks" });
    const { output } = succeeds(await sandbox.pulumi("preview", "--stack", "dev", ...withPack));
    assert.ok(!reportsIn(output).some((report) => report.startsWith("mandatory")), output);
  });

  it("is what npm run review reports, and a pack that is not built is refused with the command", async () => {
    const own = join(sandbox.project, "policy");
    cpSync(pack, own, { recursive: true, filter: (path) => !/node_modules|dist/.test(relative(pack, path)) });
    const refused = await sandbox.script("review", "--stack", "dev");
    assert.equal(refused.code, 1, refused.output);
    assert.match(refused.output, /policy\/ is not built\. Build it:\n {2}npm ci .*&& npm --prefix policy run build$/m);
    for (const part of ["node_modules", "dist"]) symlinkSync(join(pack, part), join(own, part));
    const { output } = succeeds(await sandbox.script("review", "--stack", "dev"));
    assert.match(output, /^Policies:\n\n```\n.*inference@v0\.1\.0 \(local: policy\)/m);
  });

  it("reads policy/config.json in npm run review and in the update of CI", async () => {
    writeFileSync(join(sandbox.project, "policy/config.json"), JSON.stringify({ "monthly-cost": { budgetUsd: 1 } }));
    sandbox.configure("dev", { "inference:target": "ecs" });
    const overBudget = /\[mandatory\] +monthly-cost[\s\S]*monthlyUsd\.atMaximum is \d+\.\d\d; expected at most 1$/m;
    const review = await sandbox.script("review", "--stack", "dev");
    assert.equal(review.code, 1, review.output);
    assert.match(review.output, overBudget);
    const update = await sandbox.shell("ci/steps/update dev", {});
    assert.notEqual(update.code, 0, update.output);
    assert.match(update.output, overBudget);
    assert.doesNotMatch(update.output, /AWS refused no call/);
    rmSync(join(sandbox.project, "policy/dist"));
    const unbuilt = await sandbox.shell("ci/steps/update dev", {});
    assert.equal(unbuilt.code, 1, unbuilt.output);
    assert.match(unbuilt.output, /^policy\/ is not built\. Build it:\n {2}npm ci .*&& npm --prefix policy run build$/m);
  });

  it("stops what costs more than its budget, and a setting that the rule does not have", async () => {
    const config = join(sandbox.root, "policy.json");
    writeFileSync(config, JSON.stringify({ "monthly-cost": { budgetUsd: 100, budget: 90 } }));
    const { code, output } = await sandbox.pulumi(
      ...["policy", "analyze", "--stack", "prod", ...withPack, "--policy-pack-config", config],
    );
    assert.notEqual(code, 0, output);
    assert.match(output, /monthlyUsd\.atMaximum is \d+\.\d\d; expected at most 100/);
    assert.match(output, /budget is not a setting of monthly-cost; expected budgetUsd/);
  });

  it("reports every rule for the fixtures that break it", async () => {
    // The cost is an output of a stack, which no fixture is alone.
    const judged = rules.filter(({ name }) => name !== "monthly-cost");
    const resources = judged.flatMap(({ name }) =>
      ((fixtures[name]?.failing[0] ?? []) as Fixture).map(([type, props], index) => {
        const urn = `urn:pulumi:prod::shop::${type}::${name}-${index}`;
        return { urn, type, custom: true, id: `${index}`, inputs: props, outputs: props };
      }),
    );
    const file = join(sandbox.root, "state.json");
    const manifest = { time: "2026-11-30T12:00:00Z", magic: "", version: "" };
    writeFileSync(file, JSON.stringify({ version: 3, deployment: { manifest, resources } }));
    const { code, output } = await sandbox.pulumi("policy", "analyze", "--file", file, ...withPack);
    assert.notEqual(code, 0, output);
    const expected = judged.map(
      ({ name, advisoryBecause }) => `${advisoryBecause === undefined ? "mandatory" : "advisory"} ${name}`,
    );
    for (const one of expected) assert.ok(reportsIn(output).includes(one), `${one} is missing from\n${output}`);
  });
}

if (existsSync(join(pack, "node_modules/@pulumi/policy"))) describeWithEngine(title, tests);
else skippedSuite(title, "packages of policy/: npm ci --prefix policy", () => {});
