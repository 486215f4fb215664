import assert from "node:assert/strict";
import fc from "fast-check";
import {
  headerRulePriority,
  healthPriority,
  hiddenPathsPriority,
  publicPriority,
} from "../../../../components/core/rule-priority";

const name = fc.string({ minLength: 1, maxLength: 40 });

describe("Rule priority", () => {
  it("is the same in every version of this program, or an update would swap the rules of a running stack", () => {
    assert.deepEqual([hiddenPathsPriority, healthPriority], [1, 2]);
    assert.deepEqual(
      [headerRulePriority("main", "ecs"), headerRulePriority("main", "eks"), publicPriority("main")],
      [33631, 39533, 45273],
    );
  });

  it("hides paths and opens /health before the variant header rules, and those before the public rule, within what AWS allows", () => {
    fc.assert(
      fc.property(name, name, name, (model, variant, other) => {
        const [header, open] = [headerRulePriority(model, variant), publicPriority(other)];
        assert.ok(hiddenPathsPriority < healthPriority && healthPriority < header && header < open && open <= 50_000);
        assert.ok(Number.isInteger(header) && Number.isInteger(open));
      }),
    );
  });

  it("depends on the names only", () => {
    fc.assert(
      fc.property(name, name, fc.array(fc.tuple(name, name)), (model, variant, others) => {
        const alone = headerRulePriority(model, variant);
        for (const [otherModel, otherVariant] of others) headerRulePriority(otherModel, otherVariant);
        assert.equal(headerRulePriority(model, variant), alone);
      }),
    );
  });

  it("differs between the two variants of both", () =>
    assert.notEqual(headerRulePriority("main", "ecs"), headerRulePriority("main", "eks")));
});
