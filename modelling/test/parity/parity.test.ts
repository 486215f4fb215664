import assert from "node:assert/strict";
import path from "node:path";
import { openvinoLibrary, skipWithoutLibrary } from "../../../app/test/support/openvino";
import { compare, measureParity, parityProblems } from "../../parity/parity";
import { bundledPhotos } from "../../photos";

describe("the parity gate", () => {
  it("passes logits of the same direction", () => {
    const row = compare("int8", "a.jpg", [1, 3, 2], [2, 6, 4]);
    assert.equal(row.fp32Class, 1);
    assert.ok(Math.abs(row.cosine - 1) < 1e-12);
    assert.deepEqual(parityProblems([row], 0.999), []);
  });

  it("names the photo whose top-1 or direction of logits changed", () => {
    assert.deepEqual(parityProblems([compare("int8", "a.jpg", [1, 3, 2], [1, 2, 3])], 0), [
      "a.jpg: top-1 is class 2 in int8 and class 1 in fp32",
    ]);
    assert.deepEqual(parityProblems([compare("int8", "b.jpg", [1, 3, 2], [-1, 3, 2])], 0.999), [
      "b.jpg: the cosine of int8 is 0.85714; expected at least 0.999",
    ]);
  });

  it("fails on logits that are NaN", () => {
    assert.equal(parityProblems([compare("int8", "c.jpg", [1, 2], [Number.NaN, Number.NaN])], 0).length, 2);
  });

  const shipped = path.join(__dirname, "..", "..", "..", "app", "models", "efficientnet-lite0");

  it("finds the same top-1 in both files of the shipped model, on every shipped photo", async () => {
    const rows = await measureParity(shipped, bundledPhotos);
    assert.equal(rows.length, 20);
    assert.deepEqual(parityProblems(rows, 0), []);
  }).timeout(60_000);

  it("finds the same top-1 in OpenVINO, in int8 and in bf16", async function () {
    this.timeout(60_000);
    skipWithoutLibrary(this, "openvino");
    const rows = (await measureParity(shipped, bundledPhotos, openvinoLibrary)).filter(
      ({ variant }) => variant !== "int8",
    );
    assert.equal(rows.length, 40);
    assert.deepEqual(parityProblems(rows, 0), []);
  });
});
