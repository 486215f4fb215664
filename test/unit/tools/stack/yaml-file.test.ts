import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../../../tools/cli/user-error";
import { configIn, readYaml } from "../../../../tools/stack/yaml-file";
import { temporaryFolder } from "../../../support/folder";

describe("readYaml", () => {
  const file = join(temporaryFolder("yaml-file"), "Pulumi.dev.yaml");
  const written = (text: string) => {
    writeFileSync(file, text);
    return file;
  };
  const slips: [string, string][] = [
    ["config:\n  cpu: 512\n   memory: 1024\n", "line 2: Nested mappings are not allowed in compact mappings"],
    ["config:\n\tcpu: 512\n", "line 2: Tabs are not allowed as indentation"],
    ["config:\n  cpu: 512\n  cpu: 256\n", "line 3: Map keys must be unique"],
    ["- config\n", 'is ["config"]; expected keys with values'],
  ];
  for (const [text, message] of slips) {
    it(`reports ${JSON.stringify(text)} in one line, with the file and the place`, () =>
      assert.throws(
        () => readYaml(written(text)),
        (error) => error instanceof UserError && error.message === `Pulumi.dev.yaml ${message}`,
      ));
  }

  it("reads an empty file, and an empty config, as no keys", () => {
    assert.deepEqual([readYaml(written("# nothing\n")), configIn(written("config:\n"))], [{}, {}]);
  });

  it("warns once that it does not open the file's environment", () => {
    const warnings: unknown[] = [];
    const { warn } = console;
    console.warn = (text) => warnings.push(text);
    try {
      for (let read = 0; read < 2; read++)
        assert.deepEqual(configIn(written("environment: [vision/dev]\nconfig:\n  cpu: 512\n")), { cpu: 512 });
    } finally {
      console.warn = warn;
    }
    assert.deepEqual(warnings, ["Pulumi.dev.yaml: keys that its environment (Pulumi ESC) sets are not read here"]);
  });

  it("refuses a config that is not an object", () =>
    assert.throws(
      () => configIn(written("config: dev\n")),
      /^Error: Pulumi\.dev\.yaml: config is "dev"; expected keys/,
    ));
});
