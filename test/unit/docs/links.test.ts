import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

const project = resolve(__dirname, "../../..");

/** Every Markdown file that a person reads in the repository. */
const documents = [
  ...markdownIn("", false),
  ...["docs", ".github", "examples", "modelling", "test"].flatMap((folder) => markdownIn(folder, true)),
  "app/README.md",
];

function markdownIn(folder: string, recursive: boolean): string[] {
  const place = join(project, folder);
  if (!existsSync(place)) return [];
  return readdirSync(place, { recursive, encoding: "utf8" })
    .filter((name) => name.endsWith(".md") && !name.includes("node_modules"))
    .map((name) => join(folder, name));
}

const read = (path: string) => readFileSync(join(project, path), "utf8");
const withoutCode = (text: string) => text.replace(/^ *```[\s\S]*?^ *```/gm, "").replace(/`[^`\n]*`/g, "");

/** As GitHub makes anchors. */
const anchorsOf = (text: string) =>
  [...text.replace(/^ *```[\s\S]*?^ *```/gm, "").matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replaceAll(" ", "-"),
  );

function brokenLinks(document: string, text = read(document)): string[] {
  const targets = [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
  return targets.filter((target) => {
    // Pulumi Cloud fills in ${outputs.…}.
    if (/^[a-z]+:|^\$\{/.test(target)) return false;
    const [path = "", anchor] = target.split("#");
    const file = path === "" ? document : relative(project, resolve(project, dirname(document), path));
    if (!existsSync(join(project, file))) return true;
    return anchor !== undefined && !(file.endsWith(".md") && anchorsOf(read(file)).includes(anchor));
  });
}

function scriptsOf(folder: string): string[] {
  const { scripts }: { scripts: Record<string, string> } = JSON.parse(read(join(folder, "package.json")));
  return Object.keys(scripts);
}

function unknownScripts(document: string, text = read(document)): string[] {
  const folder = ["app", "modelling"].find((each) => document.startsWith(`${each}/`)) ?? "";
  return [...text.matchAll(/npm (--prefix (\S+) )?run ([\w:-]+)/g)]
    .filter(([, , prefix, script = ""]) => !scriptsOf(prefix ?? folder).includes(script))
    .map(([command]) => command);
}

/** Files and folders that a document names between backticks. */
function unknownPaths(text: string): string[] {
  const named = [...text.matchAll(/`((?:components|tools|test|app|docs|examples|modelling|policy)\/[\w./-]+)`/g)];
  return named.map(([, path = ""]) => path).filter((path) => !existsSync(join(project, path)));
}

describe("documents", () => {
  it("include README, docs and the emulator's page", () => {
    for (const path of [
      "README.md",
      "docs/runbook.md",
      "docs/decisions/pulumi-conventions.md",
      "test/emulator/README.md",
    ])
      assert.ok(documents.includes(path), path);
  });

  for (const document of documents) {
    it(`${document}: every relative link leads to a file and a heading`, () =>
      assert.deepEqual(brokenLinks(document), []));

    it(`${document}: every npm script exists`, () => assert.deepEqual(unknownScripts(document), []));

    it(`${document}: every path of the project exists`, () => assert.deepEqual(unknownPaths(read(document)), []));
  }

  it("README.md has fewer than 150 lines and a picture below 150 kB", () => {
    const readme = read("README.md");
    assert.ok(readme.split("\n").length < 150);
    const [, picture = ""] = /!\[[^\]]*\]\(([^)]+)\)/.exec(readme) ?? [];
    assert.ok(statSync(join(project, picture)).size < 150_000, picture);
  });

  it("are judged: a link, an anchor, a script and a path that do not exist are found", () => {
    const text = "[a](nowhere.md) [b](runbook.md#nowhere) [c](runbook.md#slow-answers) `[d](code)`";
    assert.deepEqual(brokenLinks("docs/made-up.md", text), ["nowhere.md", "runbook.md#nowhere"]);
    assert.deepEqual(unknownScripts("README.md", "npm run nothing, npm run compare"), ["npm run nothing"]);
    assert.deepEqual(unknownPaths("`tools/nothing.ts` and `tools/docs`"), ["tools/nothing.ts"]);
    assert.deepEqual(anchorsOf("# What it costs\n## `pulumi up`, twice"), ["what-it-costs", "pulumi-up-twice"]);
  });
});
