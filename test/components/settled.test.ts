import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { losers, settleAfter } from "../../components/settled";

const drain = { deregistrationSeconds: 30, serverSeconds: 50, stopSeconds: 60 };

function rule(weights: Record<string, number>) {
  const targetGroups = Object.entries(weights).map(([arn, weight]) => ({ arn, weight }));
  return { actions: [{ type: "forward", forward: { targetGroups } }] };
}

/** What the hook waited for when the rule changed, and what it said meanwhile. */
async function waitsFor(oldInputs: object | undefined, newInputs: object | undefined) {
  const waits: number[] = [];
  const said: string[] = [];
  const hook = settleAfter(drain, async (seconds) => void waits.push(seconds));
  const { info } = pulumi.log;
  Object.assign(pulumi.log, { info: async (message: string) => void said.push(message) });
  try {
    await hook({ urn: "urn", id: "id", name: "public", type: "rule", oldInputs, newInputs });
  } finally {
    Object.assign(pulumi.log, { info });
  }
  return { waits, said };
}

describe("settled", () => {
  for (const [title, before, after, expected] of [
    ["a group that goes", { ecs: 100 }, { eks: 100 }, ["ecs"]],
    ["a group that gets less", { ecs: 90, eks: 10 }, { ecs: 10, eks: 90 }, ["ecs"]],
    ["a group at zero", { ecs: 100, eks: 0 }, { ecs: 0, eks: 100 }, ["ecs"]],
    ["two groups that go", { a: 50, b: 50 }, { c: 100 }, ["a", "b"]],
    ["none where nothing changes", { ecs: 100 }, { ecs: 100 }, []],
    ["none where a group only joins", { ecs: 100 }, { ecs: 100, eks: 0 }, []],
    ["none where an idle group goes", { ecs: 100, eks: 0 }, { ecs: 100 }, []],
  ] as const) {
    it(`finds ${title}`, () => assert.deepEqual(losers(rule({ ...before }), rule({ ...after })), expected));
  }

  it("counts every group as a loser when the rule no longer forwards", () =>
    assert.deepEqual(losers(rule({ ecs: 1 }), { actions: [{}] }), ["ecs"]));

  it("waits for the deregistration delay and five seconds when weight was taken, and says so", async () => {
    const { waits, said } = await waitsFor(rule({ ecs: 100 }), rule({ eks: 100 }));
    assert.deepEqual(waits, [35]);
    assert.deepEqual(said, ["traffic has moved; waiting 35 s for 1 target group(s) to finish their requests"]);
  });

  it("neither waits nor speaks when no weight was taken", async () =>
    assert.deepEqual(await waitsFor(rule({ ecs: 100 }), rule({ ecs: 100, eks: 0 })), { waits: [], said: [] }));

  it("has nothing to wait for on a rule that had no inputs", async () =>
    assert.deepEqual((await waitsFor(undefined, rule({ ecs: 100 }))).waits, []));
});
