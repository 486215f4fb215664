import assert from "node:assert/strict";
import { topClasses } from "../../src/inference/top-classes";

const labels = ["hen", "dog", "cat"];
const confidences = (outputs: number[], activation: "softmax" | "sigmoid" | "none") =>
  topClasses(Float32Array.from(outputs), labels, activation, 3).map(({ confidence }) => confidence);

describe("topClasses", () => {
  it("names the best classes, the best one first, and no more than asked for", () => {
    assert.deepEqual(topClasses(Float32Array.of(0.25, 0.125, 0.5), labels, "none", 2), [
      { class: "cat", class_id: 2, confidence: 0.5 },
      { class: "hen", class_id: 0, confidence: 0.25 },
    ]);
  });

  it("turns outputs into confidences as the manifest says, with four digits", () => {
    assert.deepEqual(confidences([Math.log(2), 0, Math.log(3)], "softmax"), [0.5, 0.3333, 0.1667]);
    assert.deepEqual(confidences([Math.log(3), 0, -Math.log(3)], "sigmoid"), [0.75, 0.5, 0.25]);
    assert.deepEqual(confidences([0.7, 0.2, 0.1], "none"), [0.7, 0.2, 0.1]);
  });

  it("handles outputs whose exponentials exceed the range of a number", () => {
    assert.deepEqual(confidences([5000, 5000, -5000], "softmax"), [0.5, 0.5, 0]);
  });
});
