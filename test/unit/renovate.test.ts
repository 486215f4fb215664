import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { eksVersions } from "../../components/core/eks-versions";
import { projectFolder } from "../../tools/stack/file";

interface Rule {
  readonly matchPackageNames?: readonly string[];
  readonly allowedVersions?: string;
}

interface Manager {
  /** Regular expressions between slashes. */
  readonly managerFilePatterns: readonly string[];
  readonly matchStrings: readonly string[];
}

const fileOf = (path: string) => require(join(projectFolder, path));

describe("renovate.json", () => {
  const { packageRules, customManagers }: { packageRules: readonly Rule[]; customManagers: readonly Manager[] } =
    fileOf("renovate.json");
  const installed: Record<string, string> = Object.assign(
    {},
    ...["package.json", "app/package.json", "modelling/package.json", "policy/package.json"]
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
    const bounded = packageRules.filter((rule) => rule.allowedVersions);
    const names = bounded.flatMap(({ matchPackageNames = [] }) => matchPackageNames);
    assert.deepEqual(names, ["@pulumi/pulumi", "@types/node"]);
    for (const { matchPackageNames = [], allowedVersions } of bounded) {
      const [major = 0, minor = 0] = (allowedVersions?.slice(1) ?? "").split(".").map(Number);
      for (const name of matchPackageNames) {
        const [ownMajor = 0, ownMinor = 0] = (installed[name] ?? "").split(".").map(Number);
        assert.ok(ownMajor < major || (ownMajor === major && ownMinor < minor), `${name} ${installed[name]}`);
      }
    }
  });

  describe("for the version of EKS", () => {
    const [manager = { managerFilePatterns: [], matchStrings: [] }] = customManagers;
    const patterns = manager.managerFilePatterns.map((pattern) => new RegExp(pattern.slice(1, -1)));
    const versionsIn = (text: string) =>
      manager.matchStrings.flatMap((pattern) =>
        [...text.matchAll(new RegExp(pattern, "g"))].map(({ groups }) => groups?.currentValue ?? ""),
      );
    const files = ["Pulumi.yaml", "components/settings/eks.ts"];

    it("finds the default in both places that have it", () => {
      for (const file of files) {
        assert.ok(
          patterns.some((pattern) => pattern.test(file)),
          file,
        );
        const [version = "", ...others] = versionsIn(readFileSync(join(projectFolder, file), "utf8"));
        assert.deepEqual(others, []);
        assert.ok(version in eksVersions, `${file}: ${version}`);
      }
    });

    it("finds the version that a stack file pins, as people and the CLI write it", () => {
      assert.ok(
        readdirSync(projectFolder)
          .filter((file) => /^Pulumi\.\w+\.yaml$/.test(file))
          .every((file) => patterns.some((pattern) => pattern.test(file))),
      );
      assert.deepEqual(versionsIn('config:\n  eks:\n    endpointCidrs:\n      - 0.0.0.0/0\n    version: "1.34"\n'), [
        "1.34",
      ]);
      assert.deepEqual(versionsIn("config:\n  inference:eks:\n    version: 1.34\n  inference:cpu: 512\n"), ["1.34"]);
      assert.deepEqual(versionsIn("config:\n  inference:build:\n    version: 1.34\n"), []);
    });
  });
});
