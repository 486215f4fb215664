import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectFolder } from "../../tools/stack/file";

interface Lockfile {
  readonly lockfileVersion: number;
  readonly packages: Readonly<Record<string, { resolved?: string; integrity?: string; link?: boolean }>>;
}

describe("Lockfiles", () => {
  for (const folder of [".", "app", "modelling", "policy"]) {
    const read = () => JSON.parse(readFileSync(join(projectFolder, folder, "package-lock.json"), "utf8")) as Lockfile;

    it(`${folder} names no address: each machine installs from its own registry`, () => {
      const named = Object.entries(read().packages).filter(([, { resolved }]) => resolved !== undefined);
      assert.deepEqual(named, []);
    });

    it(`${folder} has a strong hash of every package`, () => {
      const installed = Object.entries(read().packages).filter(([path, { link }]) => path !== "" && !link);
      assert.ok(installed.length > 0);
      for (const [path, { integrity }] of installed) assert.match(integrity ?? "none", /^sha512-/, path);
    });
  }
});
