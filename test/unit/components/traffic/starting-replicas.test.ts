import assert from "node:assert/strict";
import { boundsOf, firstReplicas, replicasForShare } from "../../../../components/traffic/starting-replicas";

type Counts = Readonly<Record<string, number>>;

const replicas = { min: 2, max: 10 };
const night = { days: ["mon"], from: "20:00", to: "06:00", timeZone: "UTC", min: 0, max: 0 } as const;
const mondayNoon = new Date("2026-06-01T12:00:00Z");
const mondayNight = new Date("2026-06-01T23:00:00Z");

/** What each workload starts with, by id, when the live weights and healthy counts are these. */
function first(weights: Counts, live: Counts, healthy: Counts = {}, now = mondayNoon, schedule = {}) {
  const shares = Object.entries(weights).map(([id, weight]) => ({
    id,
    variant: id,
    weight,
    spec: { replicas, schedule: id === "eks" ? {} : schedule },
    targetGroupArn: id,
  }));
  const reader = { healthyTargets: async (arn: string) => healthy[arn] ?? 0 };
  return firstReplicas(shares, live, reader, now);
}

describe("firstReplicas", () => {
  it("are the minimum in a first deployment", async () => assert.deepEqual(await first({ ecs: 100 }, {}), { ecs: 2 }));

  it("are as many as on the replaced platform", async () =>
    assert.deepEqual(await first({ eks: 100 }, { ecs: 100 }, { ecs: 7 }), { eks: 7 }));

  it("are the minimum when the replaced platform runs fewer", async () =>
    assert.deepEqual(await first({ eks: 100 }, { ecs: 100 }, { ecs: 1 }), { eks: 2 }));

  it("are the minimum of a variant without traffic", async () =>
    assert.deepEqual(await first({ ecs: 100, eks: 0 }, { ecs: 100 }, { ecs: 7 }), { ecs: 7, eks: 2 }));

  it("are a share of all serving replicas, not all of them", async () => {
    assert.deepEqual(await first({ ecs: 90, eks: 10 }, { ecs: 100 }, { ecs: 10 }), { ecs: 10, eks: 2 });
    assert.deepEqual(await first({ ecs: 50, eks: 50 }, { ecs: 100 }, { ecs: 9 }), { ecs: 9, eks: 5 });
  });

  it("count all serving replicas, up to the maximum", async () => {
    assert.deepEqual(await first({ c: 100 }, { a: 50, b: 50 }, { a: 3, b: 5 }), { c: 8 });
    assert.deepEqual(await first({ c: 100 }, { a: 50, b: 50 }, { a: 7, b: 5 }), { c: 10 });
  });

  it("do not count a variant with weight 0", async () =>
    assert.deepEqual(await first({ a: 100 }, { a: 50, b: 50, c: 0 }, { a: 2, b: 2, c: 9 }), { a: 4 }));

  it("are no fewer than a replaced variant has under load", async () => {
    assert.deepEqual(await first({ ecs: 100 }, { ecs: 100 }, { ecs: 8 }), { ecs: 8 });
    assert.deepEqual(await first({ ecs: 50, eks: 50 }, { ecs: 50, eks: 50 }, { ecs: 6, eks: 4 }), { ecs: 6, eks: 4 });
  });

  it("are within the bounds of the open window, on the platform that has windows", async () => {
    const asleep = await first({ ecs: 50, eks: 50 }, { ecs: 100 }, { ecs: 0 }, mondayNight, { night });
    assert.deepEqual(asleep, { ecs: 0, eks: 2 });
    assert.deepEqual(await first({ ecs: 100 }, {}, {}, mondayNoon, { night }), { ecs: 2 });
  });
});

describe("replicasForShare", () => {
  const share = { id: "a", variant: "a", weight: 60, spec: { replicas, schedule: {} }, targetGroupArn: "a" };

  it("are rounded up", () => {
    assert.equal(replicasForShare(share, { together: 10, total: 100 }, replicas), 6);
    assert.equal(replicasForShare(share, { together: 6, total: 100 }, replicas), 4);
  });

  it("keep the steps of a slow shift from growing the fleet", () => {
    const steps = [60, 70, 80, 90, 100].map((weight) =>
      replicasForShare({ ...share, weight }, { together: 10, total: 100 }, { min: 2, max: 40 }),
    );
    assert.deepEqual(steps, [6, 7, 8, 9, 10]);
  });
});

describe("boundsOf", () => {
  const spec = { replicas, schedule: { night } };

  it("are the usual ones while no window is open", () => assert.deepEqual(boundsOf({ spec }, mondayNoon), replicas));

  it("are those of the open window", () => assert.deepEqual(boundsOf({ spec }, mondayNight), { min: 0, max: 0 }));

  it("are the usual ones without windows", () =>
    assert.deepEqual(boundsOf({ spec: { ...spec, schedule: {} } }, mondayNight), replicas));
});
