import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { configTable } from "../../tools/docs/config-table";
import { withMarked } from "../../tools/docs/marked";
import { currentReadme, readmeFile } from "../../tools/docs/readme";

const markers = ["<!-- config: written by npm run docs -->", "<!-- /config -->"];

describe("npm run docs", () => {
  it("has nothing to change in README.md, whose tables say what Pulumi.yaml declares and what compare works out", async () =>
    assert.equal(readFileSync(readmeFile, "utf8"), await currentReadme(), "npm run docs writes them anew"));

  it("writes a row for each key: name, type, default, effect", () =>
    assert.deepEqual(
      configTable({
        "inference:cpu": { type: "integer", default: 1024, description: "CPU units." },
        "inference:replicas": { type: "object", default: { min: 1, max: 4 }, description: "Bounds | limits." },
        "inference:blocks": { type: "array", default: [], description: "Who." },
        "inference:name": { type: "string", description: "A name." },
      }).split("\n"),
      [
        "| Key | Type | Default | Effect |",
        "| --- | --- | --- | --- |",
        "| `cpu` | integer | `1024` | CPU units. |",
        "| `replicas` | object | `{ min: 1, max: 4 }` | Bounds \\| limits. |",
        "| `blocks` | array | `[]` | Who. |",
        "| `name` | string | required | A name. |",
      ],
    ));

  it("replaces what is between the markers and nothing else", () => {
    const [start, end] = markers;
    assert.equal(withMarked(`a\n${start}\nold\nold\n${end}\nz`, "config", "new"), `a\n${start}\nnew\n${end}\nz`);
  });

  it("says which lines a document without markers lacks", () =>
    assert.throws(
      () => withMarked("# README", "config", "new"),
      new Error(`README.md has no place for config; expected the lines\n${markers.join("\n")}`),
    ));
});
