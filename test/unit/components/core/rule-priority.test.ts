import assert from "node:assert/strict";
import fc from "fast-check";
import {
  blockSize,
  lastBlock,
  ownPriorities,
  prioritiesFrom,
  type RulePriorities,
} from "../../../../components/core/rule-priority";

const name = fc.string({ minLength: 1, maxLength: 40 });

describe("Rule priority", () => {
  it("is the same in every version of this program, or an update would swap the rules of a running stack", () => {
    const of = (priorities: RulePriorities) => [
      priorities.hiddenPaths,
      priorities.health,
      priorities.header("main", "ecs"),
      priorities.header("main", "eks"),
      priorities.public("main"),
    ];
    assert.deepEqual(of(ownPriorities), [1, 2, 33631, 39533, 45273]);
    assert.deepEqual(of(prioritiesFrom(3000)), [3000, 3001, 3131, 3433, 3973]);
  });

  it("hides paths and opens /health before the variant header rules, and those before the public rule, within what AWS allows", () => {
    fc.assert(
      fc.property(name, name, name, fc.integer({ min: 1, max: lastBlock }), (model, variant, other, first) => {
        for (const [priorities, start, end] of [
          [ownPriorities, 1, 50_000],
          [prioritiesFrom(first), first, first + blockSize - 1],
        ] as const) {
          const { hiddenPaths, health } = priorities;
          const [header, open] = [priorities.header(model, variant), priorities.public(other)];
          assert.ok(start <= hiddenPaths && hiddenPaths < health && health < header && header < open && open <= end);
          assert.ok(end <= 50_000 && Number.isInteger(header) && Number.isInteger(open));
        }
      }),
    );
  });

  it("depends on the names only", () => {
    const { header } = ownPriorities;
    fc.assert(
      fc.property(name, name, fc.array(fc.tuple(name, name)), (model, variant, others) => {
        const alone = header(model, variant);
        for (const [otherModel, otherVariant] of others) header(otherModel, otherVariant);
        assert.equal(header(model, variant), alone);
      }),
    );
  });

  it("differs between the two variants of both", () => {
    for (const { header } of [ownPriorities, prioritiesFrom(1)])
      assert.notEqual(header("main", "ecs"), header("main", "eks"));
  });
});
