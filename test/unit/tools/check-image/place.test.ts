import assert from "node:assert/strict";
import { join } from "node:path";
import { buildOf } from "../../../../components/core/build";
import { folderFindings, pinCommand } from "../../../../tools/check-image/place";
import { projectFolder } from "../../../../tools/stack/file";

const keys = (folder: string, image: string, context = "app") =>
  folderFindings(join(projectFolder, folder), { image, build: buildOf(context) }).flatMap(({ set = [] }) =>
    set.map(({ key, value }) => `${key}: ${value}`),
  );

describe("npm run check-image: the place that the stack deploys", () => {
  it("is the folder that was checked, relative to the project folder", () => {
    assert.deepEqual(keys("../server", "build"), ["build.context: ../server"]);
    assert.deepEqual(keys("examples/a", "team/model@sha256:0"), ["image: build", "build.context: examples/a"]);
  });

  it("stays if the stack builds this folder", () => assert.deepEqual(keys("../server", "build", "../server"), []));

  it("is an image once it is pinned", () => {
    assert.equal(pinCommand("team/model:1", "mine"), "npm run pin -- team/model:1 --stack mine");
    assert.equal(pinCommand("team/model:1"), "npm run pin -- team/model:1 --stack <stack>");
  });
});
