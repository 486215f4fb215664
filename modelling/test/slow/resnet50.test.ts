import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { costOf } from "../../onnx/cost";
import { decodeModel, encodeModel } from "../../onnx/file";
import { buildResnet50, defaultSeed } from "../../resnet50/resnet50";

const digest = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

describe("the ResNet50 generator", () => {
  const bytes = encodeModel(buildResnet50(defaultSeed));

  it("makes ResNet50's shape: 122 nodes, 25.53 M parameters, 4.089 GMAC", () => {
    const { nodes, parameters, macs } = costOf(decodeModel(bytes).graph);
    assert.deepEqual({ nodes, parameters, macs }, { nodes: 122, parameters: 25_530_472, macs: 4_089_184_256 });
  });

  it("makes the same bytes from the same seed, and others from another", () => {
    assert.equal(digest(encodeModel(buildResnet50(defaultSeed))), digest(bytes));
    assert.notEqual(digest(encodeModel(buildResnet50(defaultSeed + 1))), digest(bytes));
  }).timeout(60_000);
});
