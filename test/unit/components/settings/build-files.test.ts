import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildFileRules } from "../../../../components/settings/build-files";
import { evaluateStack } from "../../../../tools/offline";
import { temporaryFolder, withFolder } from "../../../support/folder";
import { settingsOf } from "../../support/settings";

/** What is wrong with the files of a build, as key and expectation. */
function told(build: Readonly<Record<string, unknown>>, image = "build"): readonly (readonly [string, string])[] {
  const values = settingsOf({ build, image });
  return buildFileRules
    .flatMap((rule) => rule.problems(values, "", "test"))
    .map(({ key, expected }) => [key, expected]);
}

describe("The files of a build", () => {
  it("are right for our own server", () => assert.deepEqual(told({}), []));

  it("are right for a folder with a Dockerfile alone", () =>
    withFolder({ "docker/Serve.dockerfile": "FROM a" }, (context) =>
      assert.deepEqual(told({ context, dockerfile: "docker/Serve.dockerfile" }), []),
    ));

  it("need a folder", () =>
    withFolder({ "serve.py": "" }, (folder) => {
      const [missing, file] = [join(folder, "service"), join(folder, "serve.py")];
      assert.deepEqual(told({ context: missing }), [["build.context", `a folder; ${missing} does not exist`]]);
      assert.deepEqual(told({ context: file }), [["build.context", `a folder; ${file} is a file`]]);
    }));

  it("may have names that no file can have", () =>
    withFolder({ Dockerfile: "" }, (folder) => {
      for (const [name, code] of [
        ["x".repeat(300), "ENAMETOOLONG"],
        ["a\0b", "ERR_INVALID_ARG_VALUE"],
      ] as const) {
        const context = join(folder, name);
        assert.deepEqual(told({ context }), [["build.context", `a folder; ${context} cannot be read (${code})`]]);
        const expected = `a file in build.context; ${folder} has Dockerfile`;
        assert.deepEqual(told({ context: folder, dockerfile: name }), [["build.dockerfile", expected]]);
      }
    }));

  it("need the Dockerfile, and the problem names those that are there", () =>
    withFolder({ "Dockerfile.gpu": "", Containerfile: "", "Dockerfile.gpu.dockerignore": "", a: "" }, (context) => {
      const found = `${context} has Containerfile, Dockerfile.gpu`;
      assert.deepEqual(told({ context }), [["build.dockerfile", `a file in build.context; ${found}`]]);
    }));

  it("may lack any Dockerfile", () =>
    withFolder({ "Dockerfile/a": "", "docker/a": "" }, (context) => {
      for (const [dockerfile, where] of [
        ["docker/Dockerfile", join(context, "docker")],
        ["gpu/Dockerfile", join(context, "gpu")],
      ] as const)
        assert.deepEqual(told({ context, dockerfile }), [
          ["build.dockerfile", `a file in build.context; ${where} has no Dockerfile`],
        ]);
    }));

  it("need the variable of a secret, or its file", () => {
    const folder = temporaryFolder("secrets");
    writeFileSync(join(folder, "token"), "hunter2");
    mkdirSync(join(folder, "folder"));
    process.env.BUILD_FILES_TEST = "hunter2";
    try {
      const good = { one: "BUILD_FILES_TEST", two: join(folder, "token") };
      assert.deepEqual(told({ secrets: good }), []);
      const bad = { three: "BUILD_FILES_UNSET", four: join(folder, "tokn"), five: join(folder, "folder") };
      const unset = "an environment variable that is set where pulumi runs";
      assert.deepEqual(told({ secrets: { ...good, ...bad } }), [
        ["build.secrets.three", `${unset} (for a file in this folder, write ./BUILD_FILES_UNSET)`],
        ["build.secrets.four", `a file that can be read; there is no tokn in ${folder}`],
        ["build.secrets.five", `a file that can be read; there is no folder in ${folder}`],
      ]);
    } finally {
      delete process.env.BUILD_FILES_TEST;
    }
  });

  it("are not looked at where nothing is built", () =>
    assert.deepEqual(told({ context: "/nowhere" }, `ghcr.io/team/model@sha256:${"0".repeat(64)}`), []));

  for (const stack of ["dev", "local"]) {
    it(`are checked with all other settings before the first resource of ${stack}`, () =>
      assert.rejects(
        evaluateStack(stack, { overrides: { build: { dockerfile: "Dockerfle" }, cpu: 1 } }),
        ({ message }: Error) =>
          message.startsWith(`Configuration of stack ${stack}: 2 problems\n`) &&
          message.includes('\n  cpu is "1"; ') &&
          message.includes('\n  build.dockerfile is "Dockerfle"; expected a file in build.context; app has Dockerfile'),
      ));
  }
});
