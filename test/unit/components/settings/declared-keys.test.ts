import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { parseSettings } from "../../../../components/settings";
import { keys } from "../../../../components/settings/keys";
import { asEngineText, projectFolder, stackConfig } from "../../../../tools/stack/file";

interface DeclaredKey {
  readonly type: string;
  readonly default?: unknown;
  readonly description?: string;
}

interface ProjectFile {
  readonly name: string;
  readonly config: Readonly<Record<string, DeclaredKey>>;
  readonly template: { readonly config: Readonly<Record<string, Omit<DeclaredKey, "type">>> };
}

const written = readFileSync(join(projectFolder, "Pulumi.yaml"), "utf8");
const project: ProjectFile = parse(written);
const inYaml = project.config;

describe("Pulumi.yaml and the entries", () => {
  it("have the same keys, in the same order", () => assert.deepEqual(Object.keys(inYaml), Object.keys(keys)));

  it("mean the same in the YAML 1.1 of the CLI, where a bare off is false", () =>
    assert.deepEqual(parse(written, { version: "1.1" }), project));

  it("have the same prompts of pulumi new, after the region", () => {
    const asked = Object.entries(keys).filter(([, { prompt }]) => prompt !== undefined);
    assert.deepEqual(
      Object.entries(project.template.config).slice(1),
      asked.map(([name, { prompt, fallback }]) => [name, { description: prompt, default: fallback }]),
    );
    assert.deepEqual(Object.keys(project.template.config), ["aws:region", "target"]);
  });

  for (const [name, { schema, fallback }] of Object.entries(keys)) {
    it(`have the same type of ${name}`, () => assert.equal(inYaml[name]?.type, schema.type));
    it(`have the same default of ${name}`, () => assert.deepEqual(inYaml[name]?.default, fallback));
    it(`have a default of ${name} that its schema accepts`, () => {
      const problems: never[] = [];
      schema.read(fallback, name, problems);
      assert.deepEqual(problems, []);
    });
    it(`describe ${name} in a sentence`, () => assert.match(inYaml[name]?.description ?? "", /^.{15,}\.$/s));
  }

  for (const stack of ["dev", "prod", "local"]) {
    it(`accept the ${stack} stack as the engine passes it`, () => {
      const parsed = parseSettings(asEngineText(stackConfig(stack)), { project: project.name, stack });
      assert.deepEqual("problems" in parsed && parsed.problems, false);
    });
  }

  it("put prod into three zones with a NAT gateway each, and protect it", () => {
    const parsed = parseSettings(asEngineText(stackConfig("prod")), { project: project.name, stack: "prod" });
    assert.ok("settings" in parsed && "zones" in parsed.settings.network);
    const { network, replicas, protect } = parsed.settings;
    assert.deepEqual([network.zones, network.nat, replicas.min >= 3, protect], [3, "perZone", true, true]);
  });
});
