import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isStale } from "../../../tools/start/build-app";
import { temporaryFolder } from "../../support/folder";

const { installIfMissing, isInstalled } = require("../../../tools/start/install.js") as {
  installIfMissing(folder: string): string | undefined;
  isInstalled(folder: string): boolean;
};

describe("installIfMissing and buildAppIfStale", () => {
  let folder: string;
  beforeEach(() => {
    folder = temporaryFolder("inference-start");
  });

  const write = (name: string, packages: Record<string, object>) => {
    mkdirSync(join(folder, "node_modules"), { recursive: true });
    writeFileSync(join(folder, name), JSON.stringify({ packages: { "": { name: "root" }, ...packages } }));
  };
  const installed = (packages: Record<string, object>) => write("node_modules/.package-lock.json", packages);
  const asked = {
    "node_modules/a": { version: "1.0.0" },
    "node_modules/other-platform": { version: "1.0.0", optional: true },
  };

  it("installs a folder without node_modules", () => {
    writeFileSync(join(folder, "package-lock.json"), JSON.stringify({ packages: asked }));
    assert.equal(isInstalled(folder), false);
  });

  it("skips a folder with all packages of the lockfile but those of other platforms", () => {
    write("package-lock.json", asked);
    installed({ "node_modules/a": { version: "1.0.0" } });
    assert.equal(isInstalled(folder), true);
  });

  it("installs again when a version has changed", () => {
    write("package-lock.json", asked);
    installed({ "node_modules/a": { version: "0.9.0" } });
    assert.equal(isInstalled(folder), false);
  });

  it("installs again when a package is missing", () => {
    write("package-lock.json", asked);
    installed({});
    assert.equal(isInstalled(folder), false);
  });

  it("installs again when npm's own list is incomplete", () => {
    write("package-lock.json", asked);
    installed(asked);
    writeFileSync(join(folder, "node_modules/.package-lock.json"), '{"packages": {"node_modules/a": {"ver');
    assert.equal(isInstalled(folder), false);
  });

  it("installs the compiler also under NODE_ENV=production", () => {
    write("package-lock.json", {});
    writeFileSync(join(folder, "npm"), `#!/bin/sh\necho "$@" > "${folder}/asked"\n`, { mode: 0o755 });
    const { PATH } = process.env;
    process.env.PATH = `${folder}:${PATH}`;
    try {
      assert.equal(installIfMissing(folder), undefined);
    } finally {
      process.env.PATH = PATH;
    }
    assert.match(readFileSync(join(folder, "asked"), "utf8"), /^ci --include=dev /);
  });

  describe("compiling", () => {
    const at = (name: string, seconds: number) => utimesSync(join(folder, name), seconds, seconds);
    beforeEach(() => {
      mkdirSync(join(folder, "src/deep"), { recursive: true });
      mkdirSync(join(folder, "dist"));
      const files = ["package.json", "tsconfig.json", "tsconfig.build.json", "src/deep/a.ts", "dist/main.js"];
      for (const name of files) writeFileSync(join(folder, name), "");
      for (const name of [...files, "src", "src/deep"]) at(name, 1000);
      at("dist/main.js", 2000);
    });

    it("skips code that is newer than its sources", () => assert.equal(isStale(folder), false));

    it("compiles when nothing was compiled yet", () => {
      rmSync(join(folder, "dist"), { recursive: true });
      assert.equal(isStale(folder), true);
    });

    for (const name of ["src/deep/a.ts", "src/deep", "package.json", "tsconfig.build.json"]) {
      it(`compiles again after a change of ${name}`, () => {
        at(name, 3000);
        assert.equal(isStale(folder), true);
      });
    }
  });
});
