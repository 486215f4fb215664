import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { versionOf } from "../../../../components/core/build-version";
import { withFolder } from "../../../support/folder";

const noVersion = '{"name":"page"}';

/** A repository with one commit of these files. */
function withRepository(files: Readonly<Record<string, string>>, test: (folder: string, commit: () => string) => void) {
  withFolder(files, (folder) => {
    const git = (...args: string[]) => execFileSync("git", ["-C", folder, ...args], { encoding: "utf8" }).trim();
    const commit = () => {
      git("add", "--all");
      git("-c", "user.name=test", "-c", "user.email=test@example.com", "commit", "--quiet", "--message", "change");
      return git("log", "-1", "--format=%h");
    };
    git("init", "--quiet");
    test(folder, commit);
  });
}

describe("versionOf", () => {
  it("is the one of the settings before any other", () =>
    withFolder({ "package.json": '{"version":"1.2.3"}' }, (context) =>
      assert.equal(versionOf({ context, version: "7" }), "7"),
    ));

  it("is the one of the package in the folder", () =>
    withFolder({ "package.json": '{"version":"1.2.3"}' }, (context) => assert.equal(versionOf({ context }), "1.2.3")));

  it("holds only what a tag may hold", () =>
    withFolder({ "package.json": '{"version":"1.2.3+linux/x"}' }, (context) =>
      assert.equal(versionOf({ context }), "1.2.3-linux-x"),
    ));

  it("leaves room in the 128 characters of a tag", () =>
    withFolder({ "package.json": JSON.stringify({ version: "1".repeat(200) }) }, (context) =>
      assert.equal(`v${versionOf({ context })}-${"0".repeat(12)}-${Date.now().toString(36)}`.length <= 128, true),
    ));

  for (const [title, files] of [
    ["without a package", { "service/serve.py": "" }],
    ["with a package without a version", { "service/package.json": noVersion }],
    ["with a package that is no JSON", { "service/package.json": "{" }],
  ] as const) {
    it(`is the last commit of a folder ${title}`, () =>
      withRepository(files, (folder, commit) => {
        const context = join(folder, "service");
        const first = commit();
        assert.equal(versionOf({ context }), first);
      }));
  }

  it("stays the same when a commit changes another folder", () =>
    withRepository({ "service/serve.py": "", "docs/page.md": "" }, (folder, commit) => {
      const first = commit();
      writeFileSync(join(folder, "docs/page.md"), "more");
      assert.notEqual(commit(), first);
      assert.equal(versionOf({ context: join(folder, "service") }), first);
    }));

  it("says dirty when a file of the folder differs from its commit", () =>
    withRepository({ "service/serve.py": "", "docs/page.md": "" }, (folder, commit) => {
      const first = commit();
      const context = join(folder, "service");
      writeFileSync(join(folder, "docs/page.md"), "more");
      assert.equal(versionOf({ context }), first);
      writeFileSync(join(context, "new.py"), "");
      assert.equal(versionOf({ context }), `${first}-dirty`);
    }));

  it("is 0 outside a repository", () => withFolder({ a: "" }, (context) => assert.equal(versionOf({ context }), "0")));
});
