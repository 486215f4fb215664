import assert from "node:assert/strict";
import { costWarnings, type MonthlyUsd } from "../../../../components/pricing/stack-cost";
import { compare, monthly } from "../../../../tools/compare/comparison";
import { evaluateStack } from "../../../../tools/offline";

const cost = (least: number, most: number): MonthlyUsd => ({
  atMinimum: { shared: least, ecs: 0, eks: 0, sum: least },
  atMaximum: { shared: most, ecs: 0, eks: 0, sum: most },
});

describe("Stack cost in the outputs", function () {
  this.timeout(60_000);

  it("is what compare prints for the same platform, at both ends", async () => {
    const { outputs } = await evaluateStack("prod", { overrides: { target: "eks" } });
    const usd = outputs.monthlyUsd as MonthlyUsd;
    const facts = await compare({ stack: "prod", hours: 730 });
    assert.equal(usd.atMinimum.sum.toFixed(2), monthly(facts, "eks", "idle").toFixed(2));
    assert.equal(usd.atMaximum.sum.toFixed(2), monthly(facts, "eks", "full").toFixed(2));
    assert.equal(usd.atMinimum.ecs, 0);
  });

  it("separates shared costs from those of each platform when both run", async () => {
    const { outputs } = await evaluateStack("dev", { overrides: { target: "both" } });
    const { atMinimum: least } = outputs.monthlyUsd as MonthlyUsd;
    assert.ok(least.shared > 0 && least.ecs > 0 && least.eks > 73);
    assert.equal((least.shared + least.ecs + least.eks).toFixed(1), least.sum.toFixed(1));
  });

  it("is absent for target local", async () =>
    assert.equal("monthlyUsd" in (await evaluateStack("local")).outputs, false));

  it("warns in a preview when the estimate passes the budget", async () => {
    const notifications = { emails: ["owner@example.com"], monthlyBudgetUsd: 100 };
    const { logs } = await evaluateStack("prod", { overrides: { notifications: notifications } });
    const warning = logs.find(({ message }) =>
      message.startsWith("notifications.monthlyBudgetUsd is 100: the stack costs "),
    );
    assert.equal(warning?.severity, "warning");
  });
});

describe("Budget warning", () => {
  it("names the price when the stack exceeds the budget without a request", () =>
    assert.deepEqual(costWarnings(cost(120, 300), 100), [
      "notifications.monthlyBudgetUsd is 100: the stack costs 120.00 USD a month with the fewest replicas and no requests",
    ]));

  it("names both ends when the stack exceeds the budget under load", () =>
    assert.deepEqual(costWarnings(cost(120, 300), 200), [
      "notifications.monthlyBudgetUsd is 200: from 120.00 USD a month the stack grows to 300.00 at its maximum of replicas",
    ]));

  it("is absent when the budget is enough or not set", () => {
    assert.deepEqual(costWarnings(cost(120, 300), 300), []);
    assert.deepEqual(costWarnings(cost(120, 300), undefined), []);
  });
});
