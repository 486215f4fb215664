import assert from "node:assert/strict";
import { Steadiness } from "../../src/inference/steadiness";

describe("Steadiness", () => {
  let seconds: number;
  let steadiness: Steadiness;
  beforeEach(() => {
    seconds = 100;
    steadiness = new Steadiness(() => seconds);
  });

  it("ends with the third worker lost within a minute, and comes back when that minute is over", () => {
    for (const at of [100, 110]) {
      seconds = at;
      steadiness.lost();
      assert.equal(steadiness.isSteady, true);
    }
    seconds = 120;
    steadiness.lost();
    steadiness.ran(true);
    assert.equal(steadiness.isSteady, false, "another worker's good runs do not make up for it");
    seconds = 160;
    assert.equal(steadiness.isSteady, true);
  });

  it("stays steady when a worker is lost now and then", () => {
    for (let hour = 0; hour < 5; hour++) {
      seconds += 3600;
      steadiness.lost();
      assert.equal(steadiness.isSteady, true);
    }
  });

  it("ends with three failed runs in a row, and comes back with a good one or after a minute", () => {
    for (const isGood of [false, false, true, false, false]) steadiness.ran(isGood);
    assert.equal(steadiness.isSteady, true);
    steadiness.ran(false);
    assert.equal(steadiness.isSteady, false);
    steadiness.ran(true);
    assert.equal(steadiness.isSteady, true);
    for (let run = 0; run < 3; run++) steadiness.ran(false);
    seconds += 60;
    assert.equal(steadiness.isSteady, true);
  });
});
