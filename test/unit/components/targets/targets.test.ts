import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { awsTargets, bothTargets, type TargetName, targetNamed, targets } from "../../../../components/targets";
import { projectFolder } from "../../../../tools/stack/file";

/** What one start of Node has read after loading the list of targets. */
function loadedFiles(): string[] {
  const script = 'require("./components/targets"); console.log(JSON.stringify(Object.keys(require.cache)))';
  const out = execFileSync(process.execPath, ["-r", "ts-node/register/transpile-only", "-e", script], {
    cwd: projectFolder,
    encoding: "utf8",
  });
  return JSON.parse(out);
}

describe("targets", () => {
  it("lists each platform once, in the order of columns", () => {
    assert.deepEqual(
      targets.map(({ name }) => name),
      ["ecs", "eks", "local"],
    );
    assert.deepEqual(
      awsTargets.map(({ name }) => name),
      ["ecs", "eks"],
    );
    assert.deepEqual(
      bothTargets.map(({ name }) => name),
      ["ecs", "eks"],
    );
  });

  it("targetNamed finds a target, and refuses other values of the key target", () => {
    for (const target of targets) assert.equal(targetNamed(target.name), target);
    for (const choice of ["both", "variants", "toString"]) assert.equal(targetNamed(choice), undefined);
  });

  it("componentType is the type that the component registers", () => {
    const folders: Record<TargetName, string> = {
      ecs: "ecs-fargate-service",
      eks: "eks-service",
      local: "local-service",
    };
    for (const { name, componentType } of targets) {
      const source = readFileSync(join(projectFolder, "components", folders[name], "index.ts"), "utf8");
      assert.ok(source.includes(`super("${componentType}"`), name);
    }
  });

  it("loads no SDK: a component and its packages load when a stack uses them", () => {
    const loaded = loadedFiles();
    assert.ok(loaded.some((file) => file.endsWith("eks-service/target.ts")));
    const heavy = loaded.filter((file) => /node_modules\/(@pulumi|@aws-sdk)\/(?!pulumi\/)/.test(file));
    assert.deepEqual(heavy, []);
  });
});
