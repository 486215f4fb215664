import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { dashboard } from "../../../components/monitoring/dashboard";
import { place } from "../../../components/monitoring/widgets";
import { page } from "../../../tools/dashboard/page";
import { sampleStack } from "../../../tools/dashboard/sample";
import { projectFolder } from "../../../tools/stack/file";
import { temporaryFolder } from "../../support/folder";

const placed = place(dashboard(sampleStack));
const sections = page().match(/<section [\s\S]*?<\/section>/g) ?? [];

/** Fails on an element that is closed out of order, or never. */
function faults(html: string): string[] {
  const open: string[] = [];
  const found: string[] = [];
  for (const [, slash, tag = "", attributes = ""] of html.matchAll(/<(\/?)([a-z][a-z0-9]*)\b([^>]*)>/g)) {
    if (tag === "meta" || attributes.endsWith("/")) continue;
    if (slash === "") open.push(tag);
    else if (open.pop() !== tag) found.push(`</${tag}>`);
  }
  return [...found, ...open];
}

describe("the dashboard page", () => {
  it("has every widget of the deployed dashboard in the same place", () => {
    assert.equal(sections.length, placed.length);
    for (const [index, { widget, x, y, width, height }] of placed.entries()) {
      const section = sections[index] ?? "";
      assert.ok(section.includes(`grid-area: ${y + 1} / ${x + 1} / span ${height} / span ${width}`), section);
      if (widget.kind !== "text") assert.ok(section.includes(`<h2>${widget.title}`), widget.title);
    }
  });

  it("draws and names each line of a chart in its colour", () => {
    for (const [index, { widget }] of placed.entries()) {
      if (widget.kind !== "chart" && widget.kind !== "search") continue;
      const named = widget.kind === "chart" ? widget.lines : widget.searches;
      const drawn = (sections[index] ?? "").match(/<polyline [^>]*stroke="[^"]+"/g) ?? [];
      assert.deepEqual(
        drawn.map((line) => line.match(/stroke="([^"]+)"/)?.[1]),
        named.map(({ colour }) => colour),
        widget.title,
      );
      for (const { label } of named) assert.ok(sections[index]?.includes(`</i>${label}</li>`), label);
    }
  });

  it("closes all elements, and needs no external resources", () => {
    assert.deepEqual(faults(page()), []);
    assert.deepEqual(faults("<p><i></p></i>"), ["</p>", "</i>"]);
    assert.doesNotMatch(page(), /\b(?:https?:|src=|href=|url\(|@import|fetch\()/);
  });

  it("npm run dashboard writes it to --out, and reports a missing browser", function () {
    this.timeout(60_000);
    const folder = temporaryFolder("dashboard");
    const { status, stdout } = spawnSync(
      process.execPath,
      ["-r", "ts-node/register", "tools/dashboard/main.ts", "--out", folder],
      {
        cwd: projectFolder,
        env: { PATH: folder },
        encoding: "utf8",
      },
    );
    assert.equal(status, 0);
    assert.match(stdout, /^wrote .*dashboard\.html\nno picture in light: .*\nno picture in dark: /);
    assert.deepEqual(readdirSync(folder), ["dashboard.html"]);
    assert.equal(readFileSync(join(folder, "dashboard.html"), "utf8"), page());
  });
});
