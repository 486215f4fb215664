import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { typeOf } from "../fakes/values";
import { assertGreen, outputOf, runJob } from "./support/ci-jobs";
import type { Sandbox } from "./support/sandbox";
import { succeeds } from "./support/succeeds";
import { describeWithEngine } from "./support/suite";

const repository = "aws:ecr/repository:Repository";

describeWithEngine("npm run plan-diff", (open) => {
  let sandbox: Sandbox;
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.com", ...args], { cwd: sandbox.project });
  const inCi = () => runJob(sandbox, "test.yml", "plan-diff", {}, {});
  /** The types of what an update creates, deletes or replaces: as the engine says, and as the command printed. */
  const previewed = async () => {
    const { stdout } = await sandbox.must("preview", "--json");
    const { steps } = JSON.parse(stdout) as { steps: { op: string; urn: string }[] };
    const found = steps.filter(({ op }) => !["same", "update"].includes(op)).map(({ urn }) => typeOf(urn));
    return [...new Set(found)].sort();
  };
  const printed = (output: string) => {
    const [, section = ""] = /^Stack dev, since v1.0.0:\n((?: .*\n)*)/m.exec(output) ?? [];
    return [...new Set([...section.matchAll(/^ +[+-]+ +(\S+)/gm)].map(([, type = ""]) => type))].sort();
  };

  before(async () => {
    sandbox = await open();
    await sandbox.createStack("dev");
    succeeds(await sandbox.up());
    git("init", "--quiet", "--initial-branch", "main");
    writeFileSync(join(sandbox.project, ".git/info/exclude"), "node_modules\n");
    git("add", ".");
    git("commit", "--quiet", "--message", "start");
  });

  it("compares with nothing while there is no tag", async () => {
    assert.match(assertGreen(await inCi(), 1), /This repository has no tag yet/);
  });

  it("finds no change after a release, as the engine does", async () => {
    git("tag", "v1.0.0");
    const output = assertGreen(await inCi(), 1);
    for (const stack of ["dev", "prod"]) {
      assert.match(output, new RegExp(`^Stack ${stack}, since v1.0.0: no resource created, deleted or replaced$`, "m"));
      assert.match(output, new RegExp(`^Stack ${stack} with target both, since v1.0.0: no resource`, "m"));
    }
    assert.deepEqual(await previewed(), []);
  });

  it("ends with 1 when the repository gets another name without an alias, which the engine deletes", async () => {
    sandbox.edit(
      "components/registry/index.ts",
      "new aws.ecr.Repository(\n    name,",
      'new aws.ecr.Repository(\n    name.concat("-images"),',
    );
    const results = await inCi();
    assert.equal(results.at(-1)?.code, 1, outputOf(results));
    const output = outputOf(results);
    assert.match(output, /\+- aws:ecr\/repository:Repository inference: is now inference-images, without an alias/);
    assert.match(
      output,
      /Stack prod: aws:ecr\/repository:Repository inference is replaced by inference-images \(renamed without an alias\) and loses its images; pulumi up refuses that until/,
    );
    assert.doesNotMatch(output, /^ +at \S/m);
    const changed = await previewed();
    assert.ok(changed.includes(repository), changed.join(", "));
    assert.deepEqual(printed(output), changed);
  });

  it("accepts a loss by its name", async () => {
    const { code, output } = await sandbox.script("plan-diff", "--accept", `${repository} inference`);
    assert.equal(code, 0, output);
  });

  it("finds no change with an alias, as the engine does", async () => {
    sandbox.edit(
      "components/registry/index.ts",
      "{ ...inside, protect },",
      "{ ...inside, protect, aliases: [{ name }] },",
    );
    assertGreen(await inCi(), 1);
    assert.equal((await previewed()).includes(repository), false);
  });
});
