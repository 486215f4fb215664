import assert from "node:assert/strict";
import { neededReplicas } from "../../components/handover";

/** What a person was told by the latest question. */
const told: string[] = [];

/** What each group needs, by name, when the live weights and healthy counts are these. */
async function needed(
  declared: Readonly<Record<string, number>>,
  live: Readonly<Record<string, number>>,
  healthy: Readonly<Record<string, number>> = {},
) {
  const groups = Object.entries(declared).map(([name, weight]) => ({
    name,
    arn: name,
    weight,
    isToldHowMany: name !== "eks",
  }));
  const reader = { healthyTargets: async (arn: string) => healthy[arn] ?? 0 };
  const tell = (text: string) => told.push(text);
  told.length = 0;
  const counts = await neededReplicas(groups, { min: 2, max: 10 }, new Map(Object.entries(live)), reader, tell);
  return Object.fromEntries(groups.map(({ arn }, index) => [arn, counts[index]]));
}

describe("handover", () => {
  it("asks the minimum of a first deployment", async () =>
    assert.deepEqual(await needed({ ecs: 100 }, {}), { ecs: 2 }));

  it("asks as many of a newcomer as run on the side that it replaces", async () =>
    assert.deepEqual(await needed({ eks: 100 }, { ecs: 100 }, { ecs: 7 }), { eks: 7 }));

  it("asks the same of a side that waited at weight 0", async () =>
    assert.deepEqual(await needed({ a: 0, b: 100 }, { a: 100, b: 0 }, { a: 7 }), { a: 2, b: 7 }));

  it("asks the minimum when the replaced side runs fewer", async () =>
    assert.deepEqual(await needed({ eks: 100 }, { ecs: 100 }, { ecs: 1 }), { eks: 2 }));

  it("asks the minimum of a newcomer that gets no traffic yet", async () =>
    assert.deepEqual(await needed({ ecs: 100, eks: 0 }, { ecs: 100 }, { ecs: 7 }), { ecs: 2, eks: 2 }));

  it("asks the minimum when nothing changes", async () =>
    assert.deepEqual(await needed({ ecs: 100 }, { ecs: 100 }, { ecs: 7 }), { ecs: 2 }));

  it("counts all that serve together, up to the maximum", async () => {
    assert.deepEqual(await needed({ c: 100 }, { a: 50, b: 50 }, { a: 3, b: 5 }), { c: 8 });
    assert.deepEqual(await needed({ c: 100 }, { a: 50, b: 50 }, { a: 7, b: 5 }), { c: 10 });
  });

  it("asks as many of a side that remains as both serve with", async () => {
    assert.deepEqual(await needed({ ecs: 100 }, { ecs: 50, eks: 50 }, { ecs: 3, eks: 5 }), { ecs: 8 });
    assert.deepEqual(await needed({ ecs: 90, eks: 10 }, { ecs: 50, eks: 50 }, { ecs: 3, eks: 5 }), { ecs: 8, eks: 2 });
  });

  it("does not count a side that waits at weight 0", async () =>
    assert.deepEqual(await needed({ a: 100 }, { a: 50, b: 50, c: 0 }, { a: 2, b: 2, c: 9 }), { a: 4 }));

  it("does not wait for more on a side that runs already and that nobody can tell, and says so", async () => {
    assert.deepEqual(await needed({ eks: 100 }, { ecs: 50, eks: 50 }, { ecs: 3, eks: 5 }), { eks: 2 });
    assert.match(
      told.join("\n"),
      /^eks gains traffic with 5 healthy where 8 are needed: .* or move the weights in steps$/,
    );
    assert.deepEqual(await needed({ ecs: 0, eks: 100 }, { ecs: 100, eks: 0 }, { ecs: 7, eks: 2 }), { ecs: 2, eks: 2 });
    assert.match(told.join("\n"), /^eks gains traffic with 2 healthy where 7 are needed/);
  });

  it("says nothing of such a side when it has enough", async () => {
    await needed({ ecs: 0, eks: 100 }, { ecs: 100, eks: 0 }, { ecs: 7, eks: 7 });
    assert.deepEqual(told, []);
  });

  it("waits again for all of a newcomer whose first attempt failed", async () =>
    assert.deepEqual(await needed({ eks: 100 }, { ecs: 100 }, { ecs: 7, eks: 3 }), { eks: 7 }));
});
