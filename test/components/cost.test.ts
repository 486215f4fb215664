import assert from "node:assert/strict";
import type { MonthlyUsd } from "../../components/cost";
import { compare, monthly } from "../../tools/compare/comparison";
import { evaluateStack } from "../../tools/offline";

describe("the cost of a stack, in its outputs", function () {
  this.timeout(60_000);

  it("is what compare says of the same platform, at both ends", async () => {
    const { outputs } = await evaluateStack("prod", { overrides: { "inference:target": "eks" } });
    const usd = outputs.monthlyUsd as MonthlyUsd;
    const facts = await compare({ stack: "prod", hours: 730 });
    assert.equal(usd.least.sum.toFixed(2), monthly(facts, "eks", "idle").toFixed(2));
    assert.equal(usd.most.sum.toFixed(2), monthly(facts, "eks", "full").toFixed(2));
    assert.equal(usd.least.ecs, 0);
  });

  it("tells apart what is shared and what each platform adds when both run", async () => {
    const { outputs } = await evaluateStack("dev", { overrides: { "inference:target": "both" } });
    const { least } = outputs.monthlyUsd as MonthlyUsd;
    assert.ok(least.shared > 0 && least.ecs > 0 && least.eks > 73);
    assert.equal((least.shared + least.ecs + least.eks).toFixed(1), least.sum.toFixed(1));
  });

  it("is not in those of a stack that needs no account", async () =>
    assert.equal("monthlyUsd" in (await evaluateStack("local")).outputs, false));
});
