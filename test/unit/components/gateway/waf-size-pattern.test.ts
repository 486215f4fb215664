import assert from "node:assert/strict";
import fc from "fast-check";
import { numberAbove } from "../../../../components/gateway/waf-size-pattern";

describe("WAF size pattern", () => {
  const limit = fc.integer({ min: 1, max: 2 ** 31 });

  it("matches exactly the numbers above any limit, also with leading zeros", () =>
    fc.assert(
      fc.property(limit, fc.nat({ max: 2 ** 40 }), fc.nat({ max: 3 }), (most, size, zeros) =>
        assert.equal(new RegExp(numberAbove(most)).test(`${"0".repeat(zeros)}${size}`), size > most),
      ),
    ));

  it("does not match the limit itself, but the next number", () =>
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
