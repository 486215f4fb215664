import assert from "node:assert/strict";
import fc from "fast-check";
import { onDemandReplicas } from "../../../../components/core/capacity";
import { capacityMix, onDemandPods, partsOf } from "../../../../components/eks-service/capacity";

const capacity = fc
  .record({
    onDemandBase: fc.integer({ min: 0, max: 30 }),
    onDemandWeight: fc.integer({ min: 0, max: 20 }),
    spotWeight: fc.integer({ min: 0, max: 20 }),
  })
  .filter(({ onDemandWeight, spotWeight }) => onDemandWeight + spotWeight > 0);
const bounds = fc
  .tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 60 }))
  .map(([a, b]) => ({ min: Math.min(a, b), max: Math.max(a, b) }));

/** Places pods as the scheduler does: on a part with the fewest pods, and there rather on demand. */
function placed(mix: { onDemandParts: number; parts: number }, pods: number): number {
  const { onDemand, spot } = partsOf(mix);
  const counts = new Map([...onDemand, ...spot].map((part) => [part, 0]));
  for (let pod = 0; pod < pods; pod += 1) {
    const fewest = Math.min(...counts.values());
    const [part = ""] = [...counts].find(([, count]) => count === fewest) ?? [];
    counts.set(part, fewest + 1);
  }
  return onDemand.reduce((sum, part) => sum + (counts.get(part) ?? 0), 0);
}

describe("capacityMix", () => {
  it("has at least as many pods on demand as ECS has tasks, at every number of replicas", () =>
    fc.assert(
      fc.property(capacity, bounds, (asked, { min, max }) => {
        const mix = capacityMix(asked, { min, max });
        for (let pods = Math.max(1, min); pods <= max; pods += 1) {
          const onDemand = placed(mix, pods);
          assert.equal(onDemandPods(mix, pods), onDemand);
          const least = onDemandReplicas(asked, pods);
          assert.ok(onDemand > least - 1e-9, `${pods} pods: ${onDemand} on demand, ${least} asked`);
        }
      }),
      { numRuns: 2000 },
    ));

  it("has no part on Spot without a weight for it, and none on demand without base and weight", () =>
    fc.assert(
      fc.property(capacity, bounds, (asked, between) => {
        const { onDemandParts, parts } = capacityMix(asked, between);
        if (asked.spotWeight === 0) assert.equal(onDemandParts, parts);
        if (asked.onDemandBase + asked.onDemandWeight === 0) assert.equal(onDemandParts, 0);
        assert.ok(parts <= 10);
      }),
    ));

  for (const [title, [onDemandBase, onDemandWeight, spotWeight], [min, max], expected] of [
    ["weights in tenths are exact", [0, 1, 9], [1, 4], "1 of 10"],
    ["weights are reduced", [0, 30, 70], [2, 50], "3 of 10"],
    ["a weight between tenths is rounded up to the next share", [0, 37, 63], [1, 50], "3 of 8"],
    ["a base of the only replica leaves every second pod to Spot", [1, 0, 1], [1, 4], "1 of 2"],
    ["a base keeps its share of the fewest replicas", [1, 0, 1], [3, 12], "1 of 3"],
    ["a base of the fewest replicas keeps all of them on demand", [3, 0, 1], [3, 12], "3 of 6"],
    ["a base below the fewest replicas adds to the weights", [2, 1, 1], [4, 20], "3 of 4"],
    ["a base of all replicas leaves none to Spot", [4, 0, 1], [1, 4], "1 of 1"],
    ["a base that no ten parts can keep leaves none to Spot", [10, 0, 1], [10, 40], "1 of 1"],
    ["Spot alone", [0, 0, 1], [1, 4], "0 of 1"],
    ["on demand alone", [0, 1, 0], [1, 4], "1 of 1"],
    ["a window at zero counts from the first pod", [1, 0, 1], [0, 4], "1 of 2"],
  ] as const)
    it(`${title}: ${expected} on demand`, () => {
      const { onDemandParts, parts } = capacityMix({ onDemandBase, onDemandWeight, spotWeight }, { min, max });
      assert.equal(`${onDemandParts} of ${parts}`, expected);
    });
});
