import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { anchor } from "../../../components/monitoring/alarm";
import { type GeneratedDocument, generatedDocuments } from "../../../tools/docs/documents";
import { withTable } from "../../../tools/docs/table";

const markers = ["<!-- config: written by npm run docs -->", "<!-- /config -->"];

describe("npm run docs", () => {
  let documents: readonly GeneratedDocument[];

  before(async function () {
    this.timeout(120_000);
    documents = await generatedDocuments();
  });

  it("has nothing to change in any document", () => {
    assert.ok(documents.length >= 6);
    for (const { path, file, text } of documents)
      assert.equal(readFileSync(file, "utf8"), text, `${path}: npm run docs writes its tables`);
  });

  it("links each alarm to a heading of the runbook", () => {
    const { text = "" } = documents.find(({ path }) => path === "docs/runbook.md") ?? {};
    const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) => anchor(title));
    const [, table = ""] = /<!-- alarms: .*?-->\n([\s\S]*?)<!-- \/alarms -->/.exec(text) ?? [];
    const linked = [...table.matchAll(/\]\((#[^)]*)\)/g)].map(([, target = ""]) => target);
    assert.ok(linked.length >= 6, String(linked));
    assert.deepEqual(
      linked.filter((target) => !headings.includes(target)),
      [],
    );
  });

  it("replaces only the text between the markers", () => {
    const [start, end] = markers;
    assert.equal(withTable(`a\n${start}\nold\nold\n${end}\nz`, "config", "new", "a.md"), `a\n${start}\nnew\n${end}\nz`);
  });

  it("names the marker lines that a document lacks", () =>
    assert.throws(
      () => withTable("# README", "config", "new", "README.md"),
      new Error(`README.md has no generated section; expected the lines\n${markers.join("\n")}`),
    ));
});
