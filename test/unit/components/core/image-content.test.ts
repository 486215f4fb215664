import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type Build, buildOf } from "../../../../components/core/build";
import { contentOf, visibleFiles } from "../../../../components/core/image-content";
import { projectFolder } from "../../../../tools/stack/file";
import { withFolder } from "../../../support/folder";

const always = [".dockerignore", "Dockerfile"];

/** What a build sees of a folder that holds these files beside its own two, under a .dockerignore of these lines. */
function visible(patterns: readonly string[], files: readonly string[]): string[] {
  const content = Object.fromEntries([...files, "Dockerfile"].map((file) => [file, file]));
  return withFolder({ ...content, ".dockerignore": patterns.join("\n") }, (folder) =>
    visibleFiles(buildOf(folder)).filter((file) => !always.includes(file)),
  );
}

const image = {
  "package.json": '{"version":"1.2.3"}',
  Dockerfile: "FROM scratch",
  ".dockerignore": "*\n!package.json\n!src",
  "README.md": "read me",
  "src/main.ts": "serve()",
};

/** The hash of the folder above before and after something was done to it. */
function hashes(change: (folder: string) => void): [string, string] {
  return withFolder(image, (folder) => {
    const before = contentOf(buildOf(folder), "linux/amd64").hash;
    change(folder);
    return [before, contentOf(buildOf(folder), "linux/amd64").hash];
  });
}

describe("image content", () => {
  describe("sees what Docker sends:", () => {
    for (const [title, patterns, files, expected] of [
      ["everything without a pattern", [], ["a", "b/c"], ["a", "b/c"]],
      ["nothing below an excluded folder", ["node_modules"], ["a", "node_modules/x/y.js"], ["a"]],
      ["a name without a slash at the top only", ["temp"], ["temp", "b/temp"], ["b/temp"]],
      ["**/ at every depth", ["**/*.log"], ["a.log", "b/c/d.log", "b/log"], ["b/log"]],
      [
        "* within one folder only",
        ["*/temp*"],
        ["a/temporary", "a/b/temporary", "temporary"],
        ["a/b/temporary", "temporary"],
      ],
      ["? as one character", ["temp?"], ["temp", "tempa", "tempab"], ["temp", "tempab"]],
      ["comments and empty lines as nothing", ["# a", "", "b"], ["a", "b", "# a"], ["# a", "a"]],
      ["a leading slash as none", ["/a"], ["a", "b/a"], ["b/a"]],
      ["an exception after what it excepts from", ["*.md", "!README.md"], ["README.md", "x.md"], ["README.md"]],
      ["the last line that matches, not the first", ["!README.md", "*.md"], ["README.md"], []],
      [
        "a part of an exception taken away again",
        ["*", "!src", "src/*.test.ts"],
        ["src/a.ts", "src/a.test.ts"],
        ["src/a.ts"],
      ],
      ["an excepted folder with all below it", ["*", "!src"], ["src/a/b", "other/a"], ["src/a/b"]],
      [
        "an exception deep in excluded folders",
        ["*", "!models/small"],
        ["models/small/m", "models/large/m"],
        ["models/small/m"],
      ],
      [
        "an exception with a wildcard behind a folder",
        ["*", "!a/*/keep"],
        ["a/x/keep", "a/x/lose", "b/x/keep"],
        ["a/x/keep"],
      ],
      [
        "an exception at every depth",
        ["*", "!**/keep"],
        ["keep", "a/keep", "a/b/keep", "a/lose"],
        ["a/b/keep", "a/keep", "keep"],
      ],
    ] as const) {
      it(title, () => assert.deepEqual(visible(patterns, files), [...expected]));
    }

    it("Dockerfile and .dockerignore even when they are excluded", () =>
      withFolder(image, (folder) =>
        assert.deepEqual(visibleFiles(buildOf(folder)), [".dockerignore", "Dockerfile", "package.json", "src/main.ts"]),
      ));
  });

  describe("has a hash", () => {
    for (const [title, change] of [
      ["an edit of a file that is not sent", (folder: string) => writeFileSync(join(folder, "README.md"), "more")],
      ["a new file that is not sent", (folder: string) => writeFileSync(join(folder, "notes.txt"), "x")],
      ["another time of change", (folder: string) => utimesSync(join(folder, "src/main.ts"), 1, 1)],
      ["other rights to read", (folder: string) => chmodSync(join(folder, "src/main.ts"), 0o600)],
    ] as const) {
      it(`that ${title} keeps`, () => {
        const [before, after] = hashes(change);
        assert.equal(after, before);
      });
    }

    for (const [title, change] of [
      ["an edit of a file that is sent", (folder: string) => writeFileSync(join(folder, "src/main.ts"), "serve(2)")],
      ["a new file that is sent", (folder: string) => writeFileSync(join(folder, "src/other.ts"), "")],
      ["a new name", (folder: string) => renameSync(join(folder, "src/main.ts"), join(folder, "src/start.ts"))],
      ["the right to execute", (folder: string) => chmodSync(join(folder, "src/main.ts"), 0o755)],
      ["a file that goes", (folder: string) => rmSync(join(folder, "src/main.ts"))],
      ["a link", (folder: string) => symlinkSync("main.ts", join(folder, "src/link.ts"))],
      [
        "another digest of the base image",
        (folder: string) => writeFileSync(join(folder, "Dockerfile"), `FROM scratch@sha256:${"a".repeat(64)}`),
      ],
      ["an edit of the Dockerfile", (folder: string) => writeFileSync(join(folder, "Dockerfile"), "FROM node")],
      [
        "an edit of .dockerignore",
        (folder: string) => writeFileSync(join(folder, ".dockerignore"), "*\n!package.json\n!src\n"),
      ],
    ] as const) {
      it(`that ${title} changes`, () => {
        const [before, after] = hashes(change);
        assert.notEqual(after, before);
      });
    }

    it("of 12 hex digits beside the package's version", () =>
      withFolder(image, (folder) => {
        const { version, hash } = contentOf(buildOf(folder), "linux/amd64");
        assert.equal(version, "1.2.3");
        assert.match(hash, /^[0-9a-f]{12}$/);
      }));

    it("whatever a link points to, even nothing", () =>
      withFolder(image, (folder) => {
        symlinkSync("/nowhere", join(folder, "src/broken"));
        symlinkSync(".", join(folder, "src/folder"));
        assert.match(contentOf(buildOf(folder), "linux/amd64").hash, /^[0-9a-f]{12}$/);
      }));
  });

  describe("of any folder", () => {
    const seen = (files: Readonly<Record<string, string>>, own: Partial<Build> = {}) =>
      withFolder(files, (folder) => visibleFiles({ ...buildOf(folder), ...own }));

    it("needs no package.json and no .dockerignore", () =>
      assert.deepEqual(seen({ "serve.py": "", Dockerfile: "FROM python" }), ["Dockerfile", "serve.py"]));

    it("follows the ignore file of its Dockerfile in place of .dockerignore, as BuildKit does", () => {
      const files = {
        "docker/Dockerfile.gpu": "FROM python",
        "docker/Dockerfile.gpu.dockerignore": "*\n!serve.py",
        ".dockerignore": "serve.py",
        "serve.py": "",
        "README.md": "",
      };
      const dockerfile = "docker/Dockerfile.gpu";
      assert.deepEqual(seen(files, { dockerfile }), [dockerfile, `${dockerfile}.dockerignore`, "serve.py"]);
      assert.deepEqual(seen(files, { dockerfile: "./docker/../docker/Dockerfile.gpu" }), seen(files, { dockerfile }));
    });

    it("takes a Dockerfile outside the folder", () =>
      withFolder({ "docker/Dockerfile": "FROM python", "service/serve.py": "" }, (folder) => {
        const build = { ...buildOf(join(folder, "service")), dockerfile: "../docker/Dockerfile" };
        assert.deepEqual(visibleFiles(build), ["../docker/Dockerfile", "serve.py"]);
        const { hash } = contentOf(build, "linux/amd64");
        writeFileSync(join(folder, "docker/Dockerfile"), "FROM node");
        assert.notEqual(contentOf(build, "linux/amd64").hash, hash);
      }));

    it("ignores pipes, which would never end", () =>
      withFolder({ Dockerfile: "FROM python" }, (folder) => {
        execFileSync("mkfifo", [join(folder, "pipe")]);
        assert.deepEqual(visibleFiles(buildOf(folder)), ["Dockerfile"]);
      }));
  });

  describe("of a build with choices", () => {
    const hashOf = (own: Partial<Build> = {}) =>
      withFolder({ Dockerfile: "FROM a", "Dockerfile.b": "FROM a", "serve.py": "" }, (folder) => {
        return contentOf({ ...buildOf(folder), ...own }, "linux/amd64").hash;
      });

    for (const [title, own] of [
      ["another Dockerfile of the same text", { dockerfile: "Dockerfile.b" }],
      ["a target", { target: "serve" }],
      ["an argument", { args: { A: "1" } }],
    ] as const) {
      it(`has another hash with ${title}`, () => assert.notEqual(hashOf(own), hashOf()));
    }

    it("has another hash with another value of an argument, not with another order", () => {
      assert.notEqual(hashOf({ args: { A: "1" } }), hashOf({ args: { A: "2" } }));
      assert.equal(hashOf({ args: { A: "1", B: "2" } }), hashOf({ args: { B: "2", A: "1" } }));
    });

    for (const [title, own] of [
      ["a secret", { secrets: { token: "PIP_TOKEN" } }],
      ["a version", { version: "7" }],
      ["a longer word for the same Dockerfile", { dockerfile: "./Dockerfile" }],
    ] as const) {
      it(`keeps its hash with ${title}`, () => assert.equal(hashOf(own), hashOf()));
    }
  });

  describe("of a plain build", () => {
    /** The hash as stacks have it in their state: with another one every image would be built again. */
    function firstHash(folder: string, platform: string): string {
      const digest = createHash("sha256").update(`${platform}\n`);
      for (const file of visibleFiles(buildOf(folder))) {
        const path = join(folder, file);
        const status = lstatSync(path);
        const kind = status.isSymbolicLink() ? "link" : status.mode & 0o100 ? "executable" : "file";
        const bytes = kind === "link" ? readlinkSync(path) : readFileSync(path);
        digest.update(`${file} ${kind} ${createHash("sha256").update(bytes).digest("hex")}\n`);
      }
      return digest.digest("hex").slice(0, 12);
    }

    it("has the hash that the images of existing stacks are named by", () => {
      const app = join(projectFolder, "app");
      for (const platform of ["linux/amd64", "linux/arm64", "local"])
        assert.equal(contentOf(buildOf(app), platform).hash, firstHash(app, platform));
    });

    it("has it for links, executables and files that are read in pieces", () =>
      withFolder({ ...image, "src/weights": "w".repeat(2_500_000) }, (folder) => {
        symlinkSync("main.ts", join(folder, "src/link.ts"));
        chmodSync(join(folder, "src/main.ts"), 0o755);
        mkdirSync(join(folder, "src/empty"));
        assert.equal(contentOf(buildOf(folder), "linux/amd64").hash, firstHash(folder, "linux/amd64"));
        assert.equal(contentOf(buildOf(folder), "linux/amd64").hash, "55107f118a0b");
      }));
  });

  describe("of app/", () => {
    it("contains only the files of the image", () => {
      const files = visibleFiles(buildOf(join(projectFolder, "app")));
      const tops = new Set(files.map((file) => file.split("/")[0]));
      assert.deepEqual(
        [...tops].filter((top) => ["test", "node_modules", "dist", "README.md"].includes(top ?? "")),
        [],
      );
      for (const part of ["package.json", "package-lock.json", "src", "models", "Dockerfile"])
        assert.ok(tops.has(part), part);
      assert.deepEqual(
        files.filter((file) => file.startsWith("photos/")),
        ["LICENSES.txt", "goldfish.webp", "kitten.webp", "panda.webp"].map((name) => `photos/${name}`),
        "those that the page offers, and their licences",
      );
    });

    it("is the same when a test or a README changes, and differs when the server changes", () => {
      const app = join(projectFolder, "app");
      const sent = Object.fromEntries(visibleFiles(buildOf(app)).map((file) => [file, ""]));
      withFolder(sent, (folder) => {
        for (const file of visibleFiles(buildOf(app))) cpSync(join(app, file), join(folder, file));
        const { hash } = contentOf(buildOf(folder), "linux/amd64");
        writeFileSync(join(folder, "README.md"), "# app");
        cpSync(join(app, "test"), join(folder, "test"), { recursive: true });
        assert.equal(contentOf(buildOf(folder), "linux/amd64").hash, hash);
        writeFileSync(join(folder, "src/main.ts"), "// another server");
        assert.notEqual(contentOf(buildOf(folder), "linux/amd64").hash, hash);
      });
    });
  });
});
