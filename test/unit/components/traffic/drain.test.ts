import assert from "node:assert/strict";
import { drainSeconds, groupsLosingTraffic } from "../../../../components/traffic/drain";

describe("drain", () => {
  for (const [title, before, after, expected] of [
    ["a group that goes", { ecs: 100 }, { eks: 100 }, ["ecs"]],
    ["a group that gets less", { ecs: 90, eks: 10 }, { ecs: 10, eks: 90 }, ["ecs"]],
    ["a group at zero", { ecs: 100, eks: 0 }, { ecs: 0, eks: 100 }, ["ecs"]],
    ["two groups that go", { a: 50, b: 50 }, { c: 100 }, ["a", "b"]],
    ["none where nothing changes", { ecs: 100 }, { ecs: 100 }, []],
    ["none where a group only joins", { ecs: 100 }, { ecs: 100, eks: 0 }, []],
    ["none where an idle group goes", { ecs: 100, eks: 0 }, { ecs: 100 }, []],
    ["none where there was no rule", {}, { ecs: 100 }, []],
  ] as const) {
    it(`finds ${title}`, () => assert.deepEqual(groupsLosingTraffic({ ...before }, { ...after }), expected));
  }

  it("takes the deregistration delay and five seconds after a weight fell", () =>
    assert.equal(drainSeconds({ ecs: 100 }, { eks: 100 }, 30), 35));

  it("takes no time when no weight fell", () => assert.equal(drainSeconds({ ecs: 100 }, { ecs: 100, eks: 0 }, 30), 0));
});
