import assert from "node:assert/strict";
import fc from "fast-check";
import { numberAbove } from "../../../../components/gateway/waf-size-pattern";

describe("A pattern for the numbers above a limit", () => {
  const limit = fc.integer({ min: 1, max: 2 ** 31 });

  it("fits exactly those, whatever the limit, with zeros before them too", () =>
    fc.assert(
      fc.property(limit, fc.nat({ max: 2 ** 40 }), fc.nat({ max: 3 }), (most, size, zeros) =>
        assert.equal(new RegExp(numberAbove(most)).test(`${"0".repeat(zeros)}${size}`), size > most),
      ),
    ));

  it("tells the limit itself from the next number", () =>
    fc.assert(
      fc.property(limit, (most) => {
        const pattern = new RegExp(numberAbove(most));
        assert.deepEqual(
          [most - 1, most, most + 1].map((size) => pattern.test(String(size))),
          [false, false, true],
        );
      }),
    ));

  it("fits into the 512 characters that WAF takes", () =>
    fc.assert(fc.property(limit, (most) => assert.ok(numberAbove(most).length <= 512))));
});
