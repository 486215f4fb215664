import assert from "node:assert/strict";
import fc from "fast-check";
import { gainersOf, shareOf, sharesAt, sum } from "../../../../tools/release/shares";

describe("release: shares", () => {
  for (const [title, from, to, percent, expected] of [
    ["one variant beside another", { ecs: 100, next: 0 }, { ecs: 0, next: 100 }, 5, { ecs: 95, next: 5 }],
    [
      "two platforms keep their proportion",
      { ecs: 70, eks: 30, a: 0, b: 0 },
      { ecs: 0, eks: 0, a: 70, b: 30 },
      25,
      { ecs: 53, eks: 22, a: 18, b: 7 },
    ],
    ["a flip of both begins at its share", { ecs: 40, eks: 60 }, { ecs: 0, eks: 100 }, 75, { ecs: 25, eks: 75 }],
    ["the others shrink together", { a: 60, b: 40, c: 0 }, { a: 0, b: 0, c: 100 }, 50, { a: 30, b: 20, c: 50 }],
  ] as const) {
    it(title, () => assert.deepEqual(sharesAt(from, to, percent), expected));
  }

  it("at every percentage the shares are whole, sum to 100, and the gaining variants have exactly it", () => {
    const weights = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(weights, fc.integer({ min: 0, max: 100 }), (parts, percent) => {
        const total = parts.reduce((all, part) => all + part, 0);
        let rest = 100;
        const shares = parts.map((part, index) => {
          const share = index === parts.length - 1 ? rest : Math.min(rest, Math.round((part * 100) / total));
          rest -= share;
          return share;
        });
        const from = Object.fromEntries(
          shares.flatMap((share, index) => [
            [`v${index}`, share],
            [`n${index}`, 0],
          ]),
        );
        const to = Object.fromEntries(
          shares.flatMap((share, index) => [
            [`v${index}`, 0],
            [`n${index}`, share],
          ]),
        );
        const found = sharesAt(from, to, percent);
        assert.equal(sum(found), 100);
        assert.ok(Object.values(found).every((share) => Number.isInteger(share) && share >= 0));
        assert.equal(shareOf(gainersOf(from, to), found), percent);
      }),
    );
  });
});
