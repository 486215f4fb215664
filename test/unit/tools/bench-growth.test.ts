import assert from "node:assert/strict";
import { countsIn, isWithinLimits, type Point } from "../../../tools/bench-program/grow";
import { perVariant, shared, withoutAlarms, withVariants } from "../../../tools/bench-program/growth";
import { ofType, type Plan } from "../../../tools/offline";

describe("a further variant on ECS", () => {
  it("adds at most 12 resources besides its alarms, none of them shared, at any count", async function () {
    this.timeout(60_000);
    const [one, two, five] = await withoutAlarms(
      async (): Promise<[Plan, Plan, Plan]> => [await withVariants(1), await withVariants(2), await withVariants(5)],
    );
    const [first = 0, second = 0, fifth = 0] = [one, two, five].map((plan) => plan.resources.length);
    const added = perVariant({ count: 1, value: first }, { count: 2, value: second });
    assert.ok(added > 0 && added <= 12, `${added} resources`);
    assert.equal(perVariant({ count: 2, value: second }, { count: 5, value: fifth }), added);
    assert.deepEqual(shared(two), shared(one));
    assert.deepEqual(shared(five), shared(one));
    for (const type of ["aws:iam/role:Role", "aws:ec2/securityGroup:SecurityGroup", "aws:cloudwatch/logGroup:LogGroup"])
      assert.equal(ofType(five, type).length, ofType(one, type).length, `${type} is shared`);
  });
});

describe("a stack without alarms", () => {
  it("has all other resources, and the next stack has alarms again", async () => {
    const without = await withoutAlarms(() => withVariants(2));
    const { resources } = await withVariants(2);
    const others = resources.filter(({ type }) => !/Alarm$/.test(type));
    assert.ok(resources.length > others.length + 10);
    const named = (plan: typeof resources) => plan.map(({ type, name }) => `${type} ${name}`).sort();
    assert.deepEqual(named(without.resources), named(others));
  });
});

describe("npm run bench:program -- --variants", () => {
  it("accepts rising counts within the limit of a model", () => {
    assert.deepEqual(countsIn("1,2,5"), [1, 2, 5]);
    for (const wrong of ["", "1", "2,1", "1,6", "1,x", "1,2.5", "0,1"]) assert.equal(countsIn(wrong), undefined, wrong);
  });

  it("fails on resources, on the fastest time and on shared resources", () => {
    const point = (count: number, resources: number, fastestMs: number, shared = ["a role"]): Point => ({
      count,
      resources,
      shared,
      taken: [100_000, fastestMs].map((wall) => ({ wall, cpu: 100_000 })),
    });
    const first = point(1, 40, 50);
    assert.equal(isWithinLimits(first, point(5, 40 + 4 * 12, 50 + 4 * 15)), true);
    assert.equal(isWithinLimits(first, point(5, 40 + 4 * 13, 50)), false);
    assert.equal(isWithinLimits(first, point(5, 40, 50 + 4 * 16)), false);
    assert.equal(isWithinLimits(first, point(5, 40, 50, ["a role", "another"])), false);
  });
});
