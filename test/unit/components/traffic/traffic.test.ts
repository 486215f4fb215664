import assert from "node:assert/strict";
import { gateway, serving } from "../../support/gateway-program";
import type { PlanUnderTest } from "../../support/plan-under-test";

const rule = "aws:lb/listenerRule:ListenerRule";

describe("Traffic", () => {
  let plain: PlanUnderTest;
  before(async () => {
    plain = await gateway({ ecs: 100 });
  });

  it("forwards every path by the weights", async () => {
    const { inputs } = (await gateway({ ecs: 90, eks: 10 })).one(rule, "inference-public");
    assert.deepEqual(inputs.conditions, [{ pathPattern: { values: ["/*"] } }]);
    const [action] = inputs.actions as { forward: { targetGroups: { arn: string; weight: number }[] } }[];
    assert.deepEqual(
      action?.forward.targetGroups.map(({ arn, weight }) => [arn.split("/")[1], weight]),
      [
        ["inference-ecs", 90],
        ["inference-eks", 10],
      ],
    );
  });

  it("keeps a variant at weight 0 attached", async () => {
    const { inputs } = (await gateway({ ecs: 100, eks: 0 })).one(rule, "inference-public");
    const [action] = inputs.actions as { forward: { targetGroups: object[] } }[];
    assert.equal(action?.forward.targetGroups.length, 2);
  });

  it("updates the rule only after every variant with weight is ready", async () => {
    const own = await gateway({ ecs: 50, eks: 50 });
    for (const variant of ["ecs", "eks"]) {
      assert.ok(own.dependsOn(own.one(rule, "inference-public"), own.one(serving, `${variant}-serves`)), variant);
    }
  });

  it("has no output of a rollout in the rule's inputs, which would be unknown in previews", () => {
    const { inputs } = plain.one(rule, "inference-public");
    assert.deepEqual(Object.keys(inputs).sort(), ["actions", "conditions", "listenerArn", "priority"]);
    assert.doesNotMatch(JSON.stringify(inputs), /serves/);
  });

  it("ignores no change of the rule", () =>
    assert.deepEqual(plain.one(rule, "inference-public").options.ignoreChanges, []));

  it("is the parent of the public rule; the gateway has no rule with weights", () => {
    assert.equal(plain.parentOf(plain.one(rule, "inference-public")), "inference:aws:Traffic");
  });
});
