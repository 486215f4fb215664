import assert from "node:assert/strict";
import { join } from "node:path";
import { readArguments, usage } from "../../../../tools/check-image/arguments";
import { folderOf } from "../../../../tools/check-image/image";
import { UserError } from "../../../../tools/cli/user-error";
import { buildOptions } from "../../../../tools/container/build-image";
import { projectFolder } from "../../../../tools/stack/file";
import { withFolder } from "../../../support/folder";

describe("npm run check-image: its arguments", () => {
  it("are an image, a stack, a preset and a request", () => {
    const given = ["team/model:1", "--stack", "dev", "--preset", "fastapi", "--write", "--path", "/v1"];
    const { request, ...asked } = readArguments(given) ?? {};
    assert.deepEqual(asked, { place: "team/model:1", stack: "dev", preset: "fastapi", write: true, headers: {} });
    assert.equal(request?.path, "/v1");
  });

  it("need no request", () => assert.equal(readArguments(["model"])?.request, undefined));

  for (const [args, message] of [
    [[], /^an image, a folder or --stack is missing/],
    [["a", "b"], /^b is a second image/],
    [["a", "--write"], /^--write needs --stack/],
    [["a", "--preset", "django"], /^--preset is django; expected one of ours, /],
    [["--stack", "nowhere"], /^--stack is nowhere: there is no Pulumi\.nowhere\.yaml/],
  ] as const) {
    it(`refuse ${args.join(" ") || "nothing"}`, () =>
      assert.throws(
        () => readArguments([...args]),
        (error) => error instanceof UserError && message.test(error.message),
      ));
  }

  it("are explained in 80 columns", () => assert.ok(usage.split("\n").every((line) => line.length <= 80)));
});

describe("npm run check-image: what it builds", () => {
  const build = {
    context: "app",
    dockerfile: "Dockerfile",
    target: "serve",
    args: { A: "1" },
    secrets: { pip: "TOKEN", rc: "./rc" },
  };

  it("is the folder of the stack, as the stack builds it", () => {
    const context = join(projectFolder, "app");
    assert.deepEqual(folderOf({ image: "build", build }), { ...build, context });
    assert.deepEqual(folderOf({ place: context, image: "build", build }), { ...build, context });
  });

  it("is another folder, plainly", () =>
    withFolder({ Dockerfile: "FROM scratch\n" }, (folder) => {
      const plain = { context: folder, dockerfile: "Dockerfile", args: {}, secrets: {} };
      assert.deepEqual(folderOf({ place: folder, image: "build", build }), plain);
      assert.deepEqual(buildOptions({ ...build, context: folder }), [
        `--file=${folder}/Dockerfile`,
        "--target=serve",
        "--build-arg=A=1",
        "--secret=id=pip,env=TOKEN",
        "--secret=id=rc,src=./rc",
      ]);
    }));

  it("is nothing for an image", () => {
    assert.equal(folderOf({ place: "team/model:1" }), undefined);
    assert.equal(folderOf({ image: "team/model:1", build }), undefined);
  });

  it("is refused without a Dockerfile, and without the folder", () => {
    withFolder({ "app.py": "" }, (folder) =>
      assert.throws(() => folderOf({ place: folder }), /has no Dockerfile; expected a folder with one, or an image$/),
    );
    assert.throws(() => folderOf({ place: "./nowhere" }), /is not a folder; expected one with a Dockerfile$/);
  });
});
