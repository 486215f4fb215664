import assert from "node:assert/strict";
import { cpSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { parse } from "yaml";
import { projectRoot } from "./support/cli";
import type { Sandbox } from "./support/sandbox";
import { describeWithEngine } from "./support/suite";

describeWithEngine("The repository as a template for pulumi new", (open) => {
  let sandbox: Sandbox;
  let template: string;
  let made: string;

  before(async () => {
    sandbox = await open();
    [template, made] = [join(sandbox.root, "template"), join(sandbox.root, "made")];
    cpSync(sandbox.project, template, { recursive: true, filter: (path) => basename(path) !== "node_modules" });
  });

  it("pulumi new creates a project with another name", async () => {
    await sandbox.must(
      "new",
      template,
      "--generate-only",
      "--yes",
      "--name",
      "vision",
      "--description",
      "Eyes",
      "--dir",
      made,
    );
    const { name, template: left, config } = parse(readFileSync(join(made, "Pulumi.yaml"), "utf8"));
    assert.deepEqual([name, left, config.target.default], ["vision", undefined, "ecs"]);
  });

  it("pulumi new changes no other file", () => {
    const files = (folder: string) => readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
    assert.deepEqual(files(made), files(template));
    for (const file of files(template).filter((one) => one !== "Pulumi.yaml" && /\.(ts|yaml|json|md)$/.test(one)))
      assert.equal(readFileSync(join(made, file), "utf8"), readFileSync(join(template, file), "utf8"), file);
  });

  it("the new project gets its dependencies", () =>
    symlinkSync(join(projectRoot, "node_modules"), join(made, "node_modules")));

  for (const stack of ["dev", "prod"]) {
    it(`the new project can be previewed with the stack file of ${stack}`, async () => {
      await sandbox.must("stack", "init", stack, "--cwd", made);
      await sandbox.must("preview", "--cwd", made);
    });
  }
});
