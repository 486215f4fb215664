import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { baseImages, isPinned } from "../../../../components/core/base-image";
import { projectFolder } from "../../../../tools/stack/file";

const pinned = `python:3.13-slim@sha256:${"a".repeat(64)}`;

describe("baseImages", () => {
  for (const [title, dockerfile, expected] of [
    ["the images of all stages, each once", "FROM a:1 AS x\nFROM b:2\nFROM a:1\n", ["a:1", "b:2"]],
    ["no stage of the file", "FROM a:1 AS base\nfrom base as build\nFROM build\n", ["a:1"]],
    ["none of scratch", "FROM scratch\n", []],
    ["an image behind a platform", "FROM --platform=linux/amd64 a:1\n", ["a:1"]],
    ["a pinned image", `FROM ${pinned} AS base\n`, [pinned]],
    ["no other lines", "# FROM c:1\nRUN echo FROM b:2\nCOPY --from=a:1 x y\n", []],
  ] as const) {
    it(`finds ${title}`, () => assert.deepEqual(baseImages(dockerfile), expected));
  }

  it("finds one in app/Dockerfile", () =>
    assert.equal(baseImages(readFileSync(join(projectFolder, "app/Dockerfile"), "utf8")).length, 1));
});

describe("isPinned", () => {
  for (const [image, expected] of [
    [pinned, true],
    ["python:3.13-slim", false],
    ["python", false],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a Dockerfile's variable
    ["python:${VERSION}", true],
  ] as const) {
    it(`is ${expected} for ${image}`, () => assert.equal(isPinned(image), expected));
  }
});
