import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { parseSettings } from "../../../components/settings";
import { keys, rules, subjects } from "../../../components/settings/keys";
import { settingsDocuments } from "../../../tools/docs/documents";
import { asEngineText, namespaced, projectFolder } from "../../../tools/stack/file";

const page = readFileSync(join(projectFolder, "docs/configuration.md"), "utf8");
/** The anchor that GitHub gives a heading. */
const anchor = (title: string) => `#${title.toLowerCase().replaceAll(",", "").replaceAll(" ", "-")}`;
const headings = [...page.matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) => title);

/** The text below the heading of a key, up to the next heading. */
const sectionOf = (name: string) => page.split(`\n### ${name}\n`)[1]?.split(/^#/m)[0] ?? "";

describe("npm run docs, for the configuration keys", () => {
  for (const { path, file, text } of settingsDocuments())
    it(`has nothing to change in ${path}`, () =>
      assert.equal(readFileSync(file, "utf8"), text, `${path} is stale: run npm run docs`));
});

describe("docs/configuration.md", () => {
  it("has a heading for each key, and no anchor twice", () => {
    const anchors = headings.map(anchor);
    assert.deepEqual(
      anchors.filter((one, index) => anchors.indexOf(one) < index),
      [],
    );
    assert.deepEqual(
      Object.keys(keys).filter((name) => !headings.includes(name)),
      [],
    );
    assert.deepEqual(
      subjects.flatMap((subject) => Object.keys(subject.keys)),
      Object.keys(keys),
    );
  });

  it("links only to headings and documents that exist", () => {
    const targets = [...page.matchAll(/\]\(([^)]*)\)/g)].map(([, target = ""]) => target);
    assert.ok(targets.length > Object.keys(keys).length);
    const broken = targets.filter((target) =>
      target.startsWith("#")
        ? !headings.map(anchor).includes(target)
        : !existsSync(join(projectFolder, "docs", target)),
    );
    assert.deepEqual(broken, []);
  });

  it("lists every rule below its key", () => {
    assert.ok(rules.length > 20);
    for (const { key, fact } of rules) assert.ok(sectionOf(key).includes(`\n- ${fact}\n`), `${key}: ${fact}`);
  });

  for (const [name, { fallback, text }] of Object.entries(keys)) {
    it(`has the text and the default of ${name}`, () => {
      assert.ok(sectionOf(name).startsWith(`\n${text.split("docs/")[0]}`), sectionOf(name));
      const defaults =
        typeof fallback === "object" && fallback !== null && !Array.isArray(fallback)
          ? Object.values(fallback)
          : [fallback];
      for (const value of defaults)
        assert.ok(
          [...sectionOf(name).matchAll(/`([^`\n]*)`/g)].some(([, code = ""]) => same(code, value)),
          `${name} has no default ${JSON.stringify(value)}`,
        );
    });

    it(`has an example of ${name} that the program accepts`, () => {
      const [, example = ""] = /```yaml\n([\s\S]*?)```/.exec(sectionOf(name)) ?? [];
      const { config } = parse(example, { version: "1.1" });
      assert.ok(name in config, example);
      const stack = { "aws:region": "us-east-1", ingressCidrs: ["0.0.0.0/0"], ...config };
      const parsed = parseSettings(asEngineText(namespaced(stack, "inference")), {
        project: "inference",
        stack: "docs",
      });
      assert.deepEqual("problems" in parsed && parsed.problems, false);
    });
  }

  it("starts with all that a stack on AWS must set", () => {
    const [, required = ""] = /## Required[\s\S]*?```yaml\n([\s\S]*?)```/.exec(page) ?? [];
    const config = asEngineText(namespaced(parse(required).config, "inference"));
    assert.ok("settings" in parseSettings(config, { project: "inference", stack: "docs" }));
    for (const key of Object.keys(config)) {
      const { [key]: _left, ...rest } = config;
      assert.ok("problems" in parseSettings(rest, { project: "inference", stack: "docs" }), `${key} is required`);
    }
  });
});

function same(code: string, value: unknown): boolean {
  try {
    assert.deepEqual(parse(code), value);
    return true;
  } catch {
    return false;
  }
}
