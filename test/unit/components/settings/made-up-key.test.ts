import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parse } from "yaml";
import { projectFolder } from "../../../../tools/stack/file";

const name = "idleTimeoutSeconds";
/** Large, and not changed by a key. */
const linked = ["node_modules", "app"];
const omitted = [...linked, ".git", "test"];

/** The code that CONTRIBUTING.md tells a person to write. */
const guide = readFileSync(join(projectFolder, "CONTRIBUTING.md"), "utf8").split("\n## Add a settings key\n")[1] ?? "";
const [entry = "", rule = ""] = [...guide.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = ""]) => code);

describe("A key that is one entry", () => {
  let copy: string;
  const read = (path: string) => readFileSync(join(copy, path), "utf8");
  const run = (...command: string[]) =>
    execFileSync(process.execPath, ["-r", "ts-node/register", ...command], { cwd: copy, encoding: "utf8" });

  before(function () {
    this.timeout(180_000);
    copy = mkdtempSync(join(tmpdir(), "made-up-key-"));
    for (const path of readdirSync(projectFolder).filter((one) => !omitted.includes(one)))
      cpSync(join(projectFolder, path), join(copy, path), {
        recursive: true,
        filter: (one) => basename(one) !== "node_modules",
      });
    for (const path of linked) symlinkSync(join(projectFolder, path), join(copy, path));
    const file = join(copy, "components/settings/edge.ts");
    const before = readFileSync(file, "utf8");
    const after = before
      .replace("export const edgeKeys = {\n", (line) => `${line}${entry}`)
      .replace("export const edgeRules = [\n", (line) => `${line}${rule}`);
    assert.equal(after.length, before.length + entry.length + rule.length, "both places are found");
    writeFileSync(file, after);
    run("tools/docs/main.ts");
  });

  after(() => rmSync(copy, { recursive: true }));

  it("is declared in Pulumi.yaml by npm run docs", () =>
    assert.deepEqual(parse(read("Pulumi.yaml")).config[name], {
      type: "integer",
      default: 60,
      description: "After how many seconds the load balancer closes an idle connection.",
    }));

  it("has a section in docs/configuration.md, with its rule and its example", () => {
    const page = read("docs/configuration.md");
    const [, section = ""] = /\n### idleTimeoutSeconds\n([\s\S]*?)\n###/.exec(page) ?? [];
    assert.match(section, /Type integer: a whole number from 1 to 4000\. Default `60`\./);
    assert.match(section, /^- It is longer than `alarms\.p99Seconds`\.$/m);
    assert.match(section, /^ {2}idleTimeoutSeconds: 120$/m);
    assert.match(page, /\[`idleTimeoutSeconds`\]\(#idletimeoutseconds\)/);
  });

  it("is read, defaulted, and refused when it is wrong", () => {
    const parsed = (own: Readonly<Record<string, unknown>>) => {
      const config = { "aws:region": "eu-west-1", "inference:ingressCidrs": ["0.0.0.0/0"], ...own };
      const call = `require("./components/settings").parseSettings(${JSON.stringify(config)}, { project: "inference", stack: "dev" })`;
      return `(({ settings, problems }) => settings?.${name} ?? problems)(${call})`;
    };
    const cases = [
      {},
      { [`inference:${name}`]: "120" },
      { [`inference:${name}`]: "soon" },
      { [`inference:${name}`]: "1" },
      { "inference:idleTimeoutSecond": "1" },
    ];
    const results = JSON.parse(run("-e", `console.log(JSON.stringify([${cases.map(parsed).join(", ")}]))`));
    assert.deepEqual(results, [
      60,
      120,
      [{ key: name, value: "soon", expected: "a whole number from 1 to 4000" }],
      [{ key: name, value: 1, expected: "more than alarms.p99Seconds, which is 1" }],
      [{ key: "idleTimeoutSecond", expected: `did you mean ${name}?`, isUnknownKey: true }],
    ]);
  }).timeout(60_000);
});
