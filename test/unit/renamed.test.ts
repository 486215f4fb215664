import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectFolder } from "../../tools/stack/file";
import { renamedStack } from "./support/mock-cloud";

describe("the project under another name", () => {
  for (const project of ["vision", "a-project-of-many-words-and-more", "Team.Vision_2"]) {
    it(`declares the same resources as ${project}`, async function () {
      this.timeout(60_000);
      const overrides = { target: "both" };
      const [own, renamed] = [
        await renamedStack("inference", "dev", overrides),
        await renamedStack(project, "dev", overrides),
      ];
      const types = ({ plan }: typeof own) => plan.resources.map(({ type }) => type).sort();
      assert.deepEqual(types(renamed), types(own));
    });

    it(`takes ${project} into no name that AWS refuses`, async () => {
      const plan = await renamedStack(project, "dev", { target: "both" });
      const names = ["aws:lb/loadBalancer:LoadBalancer", "aws:lb/targetGroup:TargetGroup"].flatMap((type) =>
        plan.names(type),
      );
      assert.equal(names.length, 3);
      for (const name of [
        ...names,
        ...plan.names("aws:ecr/repository:Repository"),
        ...plan.names("kubernetes:core/v1:Namespace"),
      ])
        assert.match(name, /^(?!internal-)(?=.{1,24}$)[a-z0-9]+(-[a-z0-9]+)*$/);
      const given = {
        cluster: plan.one("eks:index:Cluster").inputs.name,
        dashboard: plan.one("aws:cloudwatch/dashboard:Dashboard").inputs.dashboardName,
      };
      for (const [what, name] of Object.entries(given))
        assert.match(String(name), /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/, what);
    });
  }
});

describe("the files that pulumi new copies", () => {
  it("contain no text that pulumi new would replace by the project's name or description", () => {
    const isSource = /\.(ts|js|json|ya?ml|md|html|css)$|Dockerfile/;
    const inside = (folder: string, recursive: boolean) =>
      readdirSync(join(projectFolder, folder), { recursive, encoding: "utf8" }).map((file) => join(folder, file));
    const files = [
      inside(".", false),
      ...["app", "components", "docs", "test", "tools"].map((one) => inside(one, true)),
    ];
    const replaced = files
      .flat()
      .filter((file) => isSource.test(file) && !file.includes("node_modules"))
      .filter((file) => /\$\{(PROJECT|DESCRIPTION)\}/.test(readFileSync(join(projectFolder, file), "utf8")));
    assert.deepEqual(replaced, []);
  });
});
