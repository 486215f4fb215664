import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { anchor } from "../../../components/monitoring/alarm";
import { configTable } from "../../../tools/docs/config-table";
import { readmeFile, readmeWithTables } from "../../../tools/docs/readme";
import { withTable } from "../../../tools/docs/table";

const markers = ["<!-- config: written by npm run docs -->", "<!-- /config -->"];

describe("npm run docs", () => {
  it("has nothing to change in README.md, whose tables say what is declared, what is watched and what compare works out", async function () {
    this.timeout(120_000);
    assert.equal(readFileSync(readmeFile, "utf8"), await readmeWithTables(), "npm run docs writes them anew");
  });

  it("links each alarm to a heading that is there", () => {
    const readme = readFileSync(readmeFile, "utf8");
    const headings = [...readme.matchAll(/^#+ (.*)$/gm)].map(([, text = ""]) => anchor(text));
    const linked = [...readme.matchAll(/\]\((#[^)]*)\)/g)].map(([, target = ""]) => target);
    assert.ok(linked.length >= 6, String(linked));
    assert.deepEqual(
      linked.filter((target) => !headings.includes(target)),
      [],
    );
  });

  it("writes a row for each key: name, type, default, effect", () =>
    assert.deepEqual(
      configTable({
        cpu: { type: "integer", default: 1024, description: "CPU units." },
        replicas: { type: "object", default: { min: 1, max: 4 }, description: "Bounds | limits." },
        blocks: { type: "array", default: [], description: "Who." },
        name: { type: "string", description: "A name." },
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
    assert.equal(withTable(`a\n${start}\nold\nold\n${end}\nz`, "config", "new"), `a\n${start}\nnew\n${end}\nz`);
  });

  it("says which lines a document without markers lacks", () =>
    assert.throws(
      () => withTable("# README", "config", "new"),
      new Error(`README.md has no place for the table; expected the lines\n${markers.join("\n")}`),
    ));
});
