import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { variables } from "../src/env";
import { parseManifest } from "../src/model/manifest";

describe("the README", () => {
  const readme = readFileSync(path.join(__dirname, "..", "README.md"), "utf8");
  const block = (language: string, start: string) => {
    const blocks = [...readme.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "gs"))].map(
      ([, text]) => text ?? "",
    );
    return blocks.find((text) => text.startsWith(start)) ?? "";
  };
  const sha256 = "0".repeat(64);

  it("lists every variable with the default and meaning the server has", () => {
    const rows = variables.map(([name, byDefault, meaning]) => `| \`${name}\` | ${byDefault} | ${meaning} |`);
    assert.deepEqual(
      rows.filter((row) => !readme.includes(row)),
      [],
    );
  });

  it("shows a manifest that the server takes", () => {
    const shown = block("json", "{").replaceAll('"..."', `"${sha256}"`);
    assert.equal(parseManifest(shown, "the README's").name, "resnet50");
  });

  it("exports a torchvision model with a manifest that the server takes", () => {
    const [, written = ""] = /json\.dump\((\{.*\}),\s*open/s.exec(block("python", "import")) ?? [];
    // What the script's own function returns; the rest of the dictionary is JSON as it stands.
    const json = written.replace(/entry\("([^"]+)"\)/g, (_call, file) => JSON.stringify({ file, sha256 }));
    const manifest = parseManifest(json, "the script's");
    assert.deepEqual([manifest.files.fp32.file, manifest.labels?.file], ["model.onnx", "labels.txt"]);
  });
});
