import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { parseManifest } from "../../src/model/manifest";

const shipped = path.join(__dirname, "..", "..", "models", "efficientnet-lite0", "manifest.json");
const text = readFileSync(shipped, "utf8");
const changed = (change: object) => JSON.stringify({ ...JSON.parse(text), ...change });
const file = { file: "a.onnx", sha256: "a".repeat(64) };

describe("parseManifest", () => {
  it("takes the shipped model's", () => {
    assert.equal(parseManifest(text, shipped).name, "efficientnet-lite0");
  });

  it("takes a model with numeric input", () => {
    const tensor = { name: "t", version: "1", input: "tensor", features: 4, files: { fp32: file } };
    assert.equal(parseManifest(JSON.stringify(tensor), "m").input, "tensor");
  });

  it("reports every problem at once", () => {
    assert.throws(() => parseManifest(changed({ name: "", activation: "relu", files: {} }), "m"), {
      message:
        'm: name is ""; expected a text that is not empty; files.fp32 is missing; ' +
        'expected {"file", "sha256"} with the name of a file in the folder and 64 hex digits; ' +
        'activation is "relu"; expected softmax, sigmoid, none',
    });
  });

  const image = JSON.parse(text).image;
  const refused: [string, string, RegExp][] = [
    ["what is not JSON", "{", /m is not JSON: /],
    ["what is no object", "[]", /m: it is not a JSON object$/],
    ["a file outside the folder", changed({ files: { fp32: { ...file, file: "../a.onnx" } } }), /files\.fp32 is/],
    ["an input it does not know", changed({ input: "text" }), /input is "text"; expected image or tensor/],
    ["an image without a rule", changed({ image: { ...image, rule: "stretch" } }), /image\.rule is "stretch"/],
    ["a crop beyond the picture", changed({ image: { ...image, cropFraction: 1.5 } }), /image\.cropFraction is 1\.5/],
    ["a deviation of zero", changed({ image: { ...image, std: [1, 0, 1] } }), /image\.std is/],
    [
      "a crop larger than what was resized",
      changed({ image: { ...image, rule: "resize-then-crop", shorterSide: 200 } }),
      /image\.shorterSide is 200; expected a number of pixels, at least image\.size/,
    ],
    ["a tensor model without a width", changed({ input: "tensor" }), /features is missing/],
  ];
  for (const [what, manifest, expected] of refused) {
    it(`refuses ${what}`, () => {
      assert.throws(() => parseManifest(manifest, "m"), expected);
    });
  }
});
