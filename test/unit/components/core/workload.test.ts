import assert from "node:assert/strict";
import { sharedSpec, workloadsOf } from "../../../../components/core/workload";
import { settingsOf } from "../../support/settings";

const pinned = `ghcr.io/team/model@sha256:${"0".repeat(64)}`;
const schedule = { night: { days: ["mon"], from: "20:00", to: "06:00", min: 1, max: 1 } };
const variants = { blue: { target: "ecs", weight: 90 }, green: { target: "eks", weight: 10, image: pinned } };
const workloads = workloadsOf(settingsOf({ target: "variants", variants, schedule }), (target) => target === "ecs");

describe("workloadsOf", () => {
  it("is one for each variant, with its share of the traffic and the name of the variant", () =>
    assert.deepEqual(
      workloads.map(({ id, model, variant, target, weight }) => [id, model, variant, target, weight]),
      [
        ["blue", "main", "blue", "ecs", 90],
        ["green", "main", "green", "eks", 10],
      ],
    ));

  it("gives a variant its own image, or the stack's", () =>
    assert.deepEqual(
      workloads.map(({ image }) => image),
      ["build", pinned],
    ));

  it("leaves out the schedule where the target follows none", () => {
    const [blue, green] = workloads.map(({ spec }) => spec);
    assert.deepEqual(Object.keys(blue?.schedule ?? {}), ["night"]);
    assert.deepEqual(green, { ...blue, schedule: {} });
  });
});

describe("sharedSpec", () => {
  it("refuses a platform without a workload", () => assert.throws(() => sharedSpec([]), /at least one workload/));
});
