import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { parse } from "yaml";

const project = resolve(__dirname, "../../..");

/** Every Markdown file that a person reads in the repository. */
const documents = [
  ...markdownIn("", false),
  ...["docs", ".github", "examples", "modelling", "policy", "test"].flatMap((folder) => markdownIn(folder, true)),
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
  const folder = ["app", "modelling", "policy"].find((each) => document.startsWith(`${each}/`)) ?? "";
  return [...text.matchAll(/npm (--prefix (\S+) )?run ([\w:-]+)/g)]
    .filter(([, , prefix, script = ""]) => !scriptsOf(prefix ?? folder).includes(script))
    .map(([command]) => command);
}

/** Options of the project's commands that the command's own text does not name. */
function unknownOptions(text: string): string[] {
  const { scripts }: { scripts: Record<string, string> } = JSON.parse(read("package.json"));
  return [...text.matchAll(/npm (?:run )?([\w:-]+) -- ([^`#\n]*)/g)].flatMap(([, script = "", words = ""]) => {
    const [folder] = /tools\/[\w-]+/.exec(scripts[script] ?? "") ?? [];
    if (folder === undefined) return [];
    const known = [folder, "tools/load"].map(sourcesIn).join("");
    const options = words.match(/(?<=^|\s)--[a-z][\w-]*/g) ?? [];
    return options.filter((option) => !known.includes(option)).map((option) => `${script} ${option}`);
  });
}

const sourcesIn = (folder: string) =>
  readdirSync(join(project, folder), { encoding: "utf8" })
    .filter((name) => /\.[jt]s$/.test(name))
    .map((name) => read(join(folder, name)))
    .join("");

const keysOf = (file: string) => Object.keys((parse(read(file)) as { config?: object }).config ?? {});
const ownKeys = new Set(["Pulumi.yaml", "ci/Pulumi.yaml"].flatMap(keysOf));

/** Keys that `pulumi config set` is given and that neither program has. */
function unknownKeys(text: string): string[] {
  const given = [...text.matchAll(/pulumi config set (?:--\w+ )*'?([a-z][\w:]*)/g)].map(([, key = ""]) => key);
  return given.filter((key) => !key.includes(":") && !ownKeys.has(key));
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

    it(`${document}: every option and every configuration key exists`, () => {
      assert.deepEqual(unknownOptions(read(document)), []);
      assert.deepEqual(unknownKeys(read(document)), []);
    });

    it(`${document}: every path of the project exists`, () => assert.deepEqual(unknownPaths(read(document)), []));
  }

  it("README.md has fewer than 150 lines and a picture below 150 kB", () => {
    const readme = read("README.md");
    assert.ok(readme.split("\n").length < 150);
    const [, picture = ""] = /!\[[^\]]*\]\(([^)]+)\)/.exec(readme) ?? [];
    assert.ok(statSync(join(project, picture)).size < 150_000, picture);
  });

  it("are judged: a link, an anchor, a script, an option, a key and a path that do not exist are found", () => {
    const text = "[a](nowhere.md) [b](runbook.md#nowhere) [c](runbook.md#slow-answers) `[d](code)`";
    assert.deepEqual(brokenLinks("docs/made-up.md", text), ["nowhere.md", "runbook.md#nowhere"]);
    assert.deepEqual(unknownScripts("README.md", "npm run nothing, npm run compare"), ["npm run nothing"]);
    assert.deepEqual(unknownOptions("`npm run compare -- --rps 4 --nothing`"), ["compare --nothing"]);
    assert.deepEqual(unknownKeys("pulumi config set --path 'nothing[0]' x && pulumi config set target eks"), [
      "nothing",
    ]);
    assert.deepEqual(unknownPaths("`tools/nothing.ts` and `tools/docs`"), ["tools/nothing.ts"]);
    assert.deepEqual(anchorsOf("# What it costs\n## `pulumi up`, twice"), ["what-it-costs", "pulumi-up-twice"]);
  });
});
