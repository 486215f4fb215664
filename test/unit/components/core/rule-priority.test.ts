import assert from "node:assert/strict";
import fc from "fast-check";
import {
  healthPriority,
  hiddenPathsPriority,
  pinPriority,
  publicPriority,
} from "../../../../components/core/rule-priority";

const name = fc.string({ minLength: 1, maxLength: 40 });

describe("rule priority", () => {
  it("is the same in every version of this program, or an update would swap the rules of a running stack", () => {
    assert.deepEqual([hiddenPathsPriority, healthPriority], [1, 2]);
    assert.deepEqual(
      [pinPriority("main", "ecs"), pinPriority("main", "eks"), publicPriority("main")],
      [33631, 39533, 45273],
    );
  });

  it("hides paths and opens /health before it pins, and pins before it serves the public, within what AWS allows", () => {
    fc.assert(
      fc.property(name, name, name, (model, variant, other) => {
        const [pin, open] = [pinPriority(model, variant), publicPriority(other)];
        assert.ok(hiddenPathsPriority < healthPriority && healthPriority < pin && pin < open && open <= 50_000);
        assert.ok(Number.isInteger(pin) && Number.isInteger(open));
      }),
    );
  });

  it("follows from the names alone", () => {
    fc.assert(
      fc.property(name, name, fc.array(fc.tuple(name, name)), (model, variant, others) => {
        const alone = pinPriority(model, variant);
        for (const [otherModel, otherVariant] of others) pinPriority(otherModel, otherVariant);
        assert.equal(pinPriority(model, variant), alone);
      }),
    );
  });

  it("differs between the two variants of both", () =>
    assert.notEqual(pinPriority("main", "ecs"), pinPriority("main", "eks")));
});
