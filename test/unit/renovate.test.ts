import assert from "node:assert/strict";
import { join } from "node:path";
import { projectFolder } from "../../tools/stack/file";

interface Rule {
  readonly matchPackageNames?: readonly string[];
  readonly allowedVersions?: string;
}

const fileOf = (path: string) => require(join(projectFolder, path));

describe("renovate.json", () => {
  const { packageRules }: { packageRules: readonly Rule[] } = fileOf("renovate.json");
  const installed: Record<string, string> = Object.assign(
    {},
    ...["package.json", "app/package.json", "modelling/package.json"]
      .map(fileOf)
      .flatMap((one) => [one.dependencies, one.devDependencies]),
  );
  const named = (pattern: string) =>
    Object.keys(installed).filter((name) =>
      pattern.endsWith("/**") ? name.startsWith(pattern.slice(0, -"**".length)) : name === pattern,
    );

  it("has rules for packages that the project has", () => {
    for (const pattern of packageRules.flatMap(({ matchPackageNames = [] }) => matchPackageNames)) {
      assert.notDeepEqual(named(pattern), [], pattern);
    }
  });

  it("allows the versions that are installed", () => {
    for (const { matchPackageNames = [], allowedVersions } of packageRules.filter((rule) => rule.allowedVersions)) {
      const [major = 0, minor = 0] = (allowedVersions?.slice(1) ?? "").split(".").map(Number);
      for (const name of matchPackageNames) {
        const [ownMajor = 0, ownMinor = 0] = (installed[name] ?? "").split(".").map(Number);
        assert.ok(ownMajor < major || (ownMajor === major && ownMinor < minor), `${name} ${installed[name]}`);
      }
    }
  });
});
