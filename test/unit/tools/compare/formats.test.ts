import assert from "node:assert/strict";
import { UserError } from "../../../../tools/cli/user-error";
import { readArguments } from "../../../../tools/compare/arguments";
import { type Comparison, compare } from "../../../../tools/compare/comparison";
import { html } from "../../../../tools/compare/render/html";
import { markdown } from "../../../../tools/compare/render/markdown";
import { text } from "../../../../tools/compare/render/text";
import { sections } from "../../../../tools/compare/sections";
import { escaped } from "../../../../tools/render/html";
import { widths, wrap } from "../../../../tools/render/text";

describe("the output of compare", function () {
  this.timeout(60_000);
  let facts: Comparison;
  before(async () => {
    facts = await compare({ stack: "dev", hours: 730 });
  });

  it("fits a terminal of 80 columns", () =>
    assert.deepEqual(
      text(facts)
        .split("\n")
        .filter((line) => line.length > 80),
      [],
    ));

  it("explains the mark of an assumed price where there is one", () => {
    assert.doesNotMatch(text(facts), /~/);
    const assumed = (key: string, value: unknown) => (key === "assumed" ? true : value);
    const bills: Comparison["bills"] = JSON.parse(JSON.stringify(facts.bills), assumed);
    assert.match(text({ ...facts, bills }), /Load balancer ~[\s\S]*\n~ is an assumed price\./);
  });

  it("holds every section in every format", () => {
    const [plain, page, document] = [text(facts), html(facts), markdown(facts)];
    for (const { title } of sections(facts)) {
      assert.ok(plain.includes(`\n${title}\n`), title);
      assert.ok(page.includes(`<h2>${escaped(title)}</h2>`), title);
      assert.ok(document.includes(`## ${title}\n`), title);
    }
  });

  it("is a page without external resources and scripts", () =>
    assert.doesNotMatch(html(facts), /<script|<link|src=|url\(|https?:/));

  it("is JSON that parses to the same comparison", () =>
    assert.deepEqual(JSON.parse(JSON.stringify(facts)).bills, facts.bills));

  it("is Markdown whose rows have as many cells as their heads", () => {
    const columns = (line: string) => line.replaceAll("\\|", "").split("|").length;
    const tables = markdown(facts)
      .split("\n\n")
      .filter((block) => block.startsWith("|"));
    assert.ok(tables.length >= 7);
    for (const table of tables) assert.equal(new Set(table.split("\n").map(columns)).size, 1, table);
  });

  it("wraps between words, and shrinks the widest columns", () => {
    assert.deepEqual(wrap("a load balancer", 8), ["a load", "balancer"]);
    assert.deepEqual(wrap("unbreakable", 4), ["unbreakable"]);
    assert.deepEqual(widths([["short", `${"word ".repeat(30)}end`]]), [5, 73]);
  });

  it("escapes HTML", () => assert.equal(escaped(`a < "b" & c`), "a &lt; &quot;b&quot; &amp; c"));
});

describe("the arguments of compare", () => {
  it("have defaults: prod, a month, text", () => {
    const { stack, hours, format, requestsPerSecond } = readArguments([]);
    assert.deepEqual([stack, hours, format, requestsPerSecond], ["prod", 730, "text", undefined]);
  });

  it("take the format of --out from its ending, unless an option names one", () => {
    const format = (...args: string[]) => readArguments(args).format;
    assert.deepEqual(
      [format("--out", "a.html"), format("--out", "a.md"), format("--out", "a.json"), format("--out", "a.txt")],
      ["html", "md", "json", "text"],
    );
    assert.equal(format("--out", "page", "--html"), "html");
    assert.equal(readArguments(["--out", "a.html"]).out, "a.html");
  });

  it("take what one replica answers and the size of the image", () => {
    const { perReplica, imageMb } = readArguments(["--per-replica", "20", "--image-mb", "900"]);
    assert.deepEqual([perReplica, imageMb], [20, 900]);
  });

  const refused: [string[], RegExp][] = [
    [["--per-replica", "none"], /^--per-replica is none; expected a number above 0/],
    [["--image-mb", "0"], /^--image-mb is 0/],
    [["--rps", "0"], /^--rps is 0; expected a number above 0/],
    [["--rps", "many"], /^--rps is many/],
    [["--hours", "-1"], /expected a number above 0|argument is ambiguous/],
    [["--stack", "nowhere"], /^--stack is nowhere: there is no Pulumi\.nowhere\.yaml$/],
    [["--html", "--json"], /^--json and --html: expected only one of them$/],
    [["--what"], /npm run compare/],
  ];
  for (const [args, message] of refused) {
    it(`refuse ${args.join(" ")} in a sentence`, () =>
      assert.throws(
        () => readArguments(args),
        (error) => error instanceof UserError && message.test(error.message),
      ));
  }
});
