import assert from "node:assert/strict";
import { problemsOf, settingsOf } from "../../support/settings";

const onModels = { ecs: { cluster: "models" } };
const note =
  "insights is kept and ignored on ECS: the owner of the cluster models decides on Container Insights, and the prices leave its metrics out";

describe("parseSettings: ecs", () => {
  it("has no existing cluster by default", () => assert.deepEqual(settingsOf().ecs, {}));

  it("accepts the name of an existing cluster, and notes that insights does not apply to it", () => {
    const { ecs, notes } = settingsOf(onModels);
    assert.deepEqual([ecs, notes], [{ cluster: "models" }, [note]]);
    assert.ok(settingsOf({ ...onModels, target: "both" }).notes.includes(note));
    assert.equal(settingsOf({ ...onModels, target: "eks" }).notes.includes(note), false);
  });

  it("refuses the arn of a cluster and names that ECS does not take", () => {
    for (const cluster of ["arn:aws:ecs:eu-west-1:123456789012:cluster/models", "", "my cluster", "a".repeat(256)])
      assert.deepEqual(
        problemsOf({ ecs: { cluster } }).map(({ key, expected }) => [key, expected]),
        [["ecs.cluster", "the name of an ECS cluster, of at most 255 letters, digits, - and _"]],
      );
  });
});
