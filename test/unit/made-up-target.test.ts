import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectFolder } from "../../tools/stack/file";

const worked = readFileSync(join(projectFolder, "CONTRIBUTING.md"), "utf8");

/** The files of the worked example: a comment with the path opens each block. */
const blocks = [...worked.matchAll(/```ts\n\/\/ (components\/made-up-service\/\S+)\n([\s\S]*?)```/g)];

/** What an evaluation of the copy reports: the program itself, the settings, the comparison and the bill. */
const script = `
const { evaluateStack } = require("./tools/offline");
const { stackSettings } = require("./tools/stack/settings");
const { compare } = require("./tools/compare/comparison");
const { costs } = require("./tools/compare/sections");
(async () => {
  const image = "ghcr.io/team/model@sha256:" + "0".repeat(64);
  const window = { w: { days: ["mon"], from: "08:00", to: "18:00", min: 1, max: 2 } };
  const overrides = { target: "made-up", image, schedule: window };
  const { notes } = stackSettings("dev", overrides);
  const plan = await evaluateStack("dev", { overrides });
  const facts = await compare({ stack: "dev", hours: 730 });
  const columns = costs(facts).head;
  const features = facts.matrix.map((row) => [row.about, row["made-up"]]);
  const made = facts.bills["made-up"].idle.filter(({ side }) => side === "made-up");
  const types = plan.resources.map(({ type }) => type);
  console.log(JSON.stringify({ notes, types, columns, features, made, outputs: plan.outputs }));
})();
`;

interface Report {
  readonly notes: readonly string[];
  readonly types: readonly string[];
  readonly columns: readonly string[];
  readonly features: readonly (readonly [string, string])[];
  readonly made: readonly { readonly item: string; readonly usd: number }[];
  readonly outputs: { readonly monthlyUsd: { readonly atMinimum: Readonly<Record<string, number>> } };
}

/** Follows "Add a target" in CONTRIBUTING.md: a folder, and an import and an entry in the list. */
describe("a target of one folder and one entry in the list", () => {
  let folder: string;
  let report: Report;

  before(function () {
    this.timeout(120_000);
    folder = mkdtempSync(join(tmpdir(), "made-up-target-"));
    for (const part of ["index.ts", "components", "tools", "package.json", "tsconfig.json"])
      cpSync(join(projectFolder, part), join(folder, part), { recursive: true });
    for (const file of ["Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.README.md"])
      cpSync(join(projectFolder, file), join(folder, file));
    for (const part of ["node_modules", "app"]) symlinkSync(join(projectFolder, part), join(folder, part));
    mkdirSync(join(folder, "components/made-up-service"));
    for (const [, path = "", source = ""] of blocks) writeFileSync(join(folder, path), source);
    const list = join(folder, "components/targets/index.ts");
    const entry = "[ecsFargate, eks, local] as const";
    const source = readFileSync(list, "utf8");
    assert.ok(source.includes(entry));
    const imported = 'import { madeUp } from "../made-up-service/target";\n';
    writeFileSync(list, imported + source.replace(entry, "[ecsFargate, eks, madeUp, local] as const"));
    const out = execFileSync(process.execPath, ["-r", "ts-node/register/transpile-only", "-e", script], {
      cwd: folder,
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
    });
    report = JSON.parse(out.trim().split("\n").at(-1) ?? "");
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  it("is the worked example of the documentation", () =>
    assert.deepEqual(
      blocks.map(([, path]) => path),
      [
        "components/made-up-service/target.ts",
        "components/made-up-service/index.ts",
        "components/made-up-service/profile.ts",
      ],
    ));

  it("is accepted by the settings, which note what it cannot do", () =>
    assert.deepEqual(report.notes, [
      "schedule applies to ECS and EKS only: on Made-up the replicas keep their usual bounds",
      "made-up: one machine runs all replicas",
    ]));

  it("is created by index.ts, with a route and without another platform", () => {
    assert.ok(report.types.includes("inference:aws:MadeUpService"));
    assert.ok(report.types.includes("aws:lb/targetGroup:TargetGroup"));
    assert.ok(!report.types.includes("aws:ecs/service:Service"));
  });

  it("is in the bill", () => {
    assert.deepEqual(
      report.made.map(({ item }) => item),
      ["Made-up machine"],
    );
    assert.equal(
      report.outputs.monthlyUsd.atMinimum["made-up"],
      report.made[0] && Math.round(report.made[0].usd * 100) / 100,
    );
  });

  it("is a column of compare, with an answer in every row", () => {
    assert.ok(report.columns.includes("Made-up"));
    assert.ok(report.columns.includes("Made-up per million"));
    assert.ok(report.features.length > 10);
    for (const [about, answer] of report.features) assert.ok(answer, about);
    assert.ok(report.features.some(([about, answer]) => about === "scaling by the clock" && answer === "no"));
  });
});
