import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { rules } from "../../../policy/rules";
import { type Properties, type Resource, type Rule, unknownSettings } from "../../../policy/rules/rule";
import { table } from "../../../tools/docs/table";
import { projectFolder } from "../../../tools/stack/file";
import { type Fixture, fixtures } from "./fixtures";

const resourcesOf = (fixture: Fixture): Resource[] =>
  fixture.map(([type, props], index) => ({
    type,
    props,
    name: `r${index}`,
    urn: `urn:pulumi:prod::shop::${type}::r${index}`,
  }));

const defaultsOf = ({ settings = {} }: Rule) =>
  Object.fromEntries(
    Object.entries(settings).flatMap(([key, schema]) => (schema.default ? [[key, schema.default]] : [])),
  );

function violations(rule: Rule, fixture: Fixture, config: Properties = {}, stack = "prod"): string[] {
  const context = { stack, config: { ...defaultsOf(rule), ...config } };
  const resources = resourcesOf(fixture);
  if ("inStack" in rule) return rule.inStack(resources, context).map(({ text }) => text);
  return resources.flatMap((one) => (rule.types.includes(one.type) ? rule.violations(one, context) : []));
}

const isConfigured = (failing: unknown): failing is readonly [Fixture, Properties] =>
  Array.isArray(failing) && !Array.isArray(failing[1]) && failing[1] !== undefined;

describe("the policy pack", () => {
  it("has fixtures for each of its rules, and no others", () => {
    assert.deepEqual(rules.map(({ name }) => name).sort(), Object.keys(fixtures).sort());
  });

  for (const rule of rules) {
    const { passing, failing, config } = fixtures[rule.name] ?? { passing: [], failing: [] };
    describe(rule.name, () => {
      for (const [index, fixture] of passing.entries())
        it(`passes fixture ${index + 1}`, () => assert.deepEqual(violations(rule, fixture, config), []));

      for (const [index, one] of failing.entries())
        it(`fails fixture ${index + 1}`, () => {
          const [fixture, own] = isConfigured(one) ? one : [one, {}];
          const found = violations(rule, fixture, own);
          assert.equal(found.length, 1, JSON.stringify(found));
          // What is, and what is expected.
          assert.match(String(found[0]), /expected|missing|not /);
        });
    });
  }

  it("is described in README.md as it is", () => {
    const rows = rules.map((rule) => [
      `\`${rule.name}\``,
      rule.advisoryBecause === undefined ? "mandatory" : "advisory",
      rule.description,
    ]);
    const readme = readFileSync(join(projectFolder, "policy/README.md"), "utf8");
    const expected = table(["rule", "level", "expects"], rows);
    assert.ok(readme.includes(expected), `README.md has another table than\n${expected}`);
  });

  it("protects only the stacks that its configuration names", () => {
    const protection = rules.find(({ name }) => name === "deletion-protection");
    const fixture: Fixture = [["aws:lb/loadBalancer:LoadBalancer", {}]];
    assert.ok(protection);
    assert.deepEqual(violations(protection, fixture, {}, "dev"), []);
    assert.equal(violations(protection, fixture, { stacks: ["dev"] }, "dev").length, 1);
  });

  it("names a setting that a rule does not have, and what it has", () => {
    const found = rules.flatMap((rule) => unknownSettings(rule, defaultsOf(rule)));
    assert.deepEqual(found, []);
    const cost = rules.find(({ name }) => name === "monthly-cost");
    assert.ok(cost);
    assert.deepEqual(unknownSettings(cost, { budget: 900 }), [
      "budget is not a setting of monthly-cost; expected budgetUsd",
    ]);
  });

  it("has no budget unless it is given one", () => {
    const cost = rules.find(({ name }) => name === "monthly-cost");
    assert.ok(cost);
    assert.deepEqual(violations(cost, [["pulumi:pulumi:Stack", { monthlyUsd: { atMaximum: { sum: 1e6 } } }]]), []);
  });
});
