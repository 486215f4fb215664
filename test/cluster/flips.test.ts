import assert from "node:assert/strict";
import type { Result } from "../engine/support/runner";
import { succeeds } from "../engine/support/succeeds";
import { Cases } from "./support/cases";
import { longCase } from "./support/long-case";
import { describeOnCluster } from "./support/scene";
import { ClusterStack, to, weights, withoutWeights } from "./support/stack";

const both = ["ecs v1", "eks v1"];

describeOnCluster("Flips under load, on the cluster", (scene) => {
  const cases = new Cases(scene);
  const stack = new ClusterStack(scene);

  before(async function () {
    this.timeout(600_000);
    await stack.build("v1");
    await stack.start({ ...to("ecs"), ...stack.version("v1") });
  });

  /** `by` are the variants that answered. */
  const lossless = async (name: string, by: string[], action: () => Promise<Result>) => {
    const { result, count } = await cases.lossless(name, action);
    succeeds(result);
    assert.deepEqual(Object.keys(count.answered).sort(), by);
  };

  it("ECS to EKS loses no request", () => lossless("ECS to EKS", both, () => stack.up(to("eks"))));

  it("EKS to ECS loses no request", () => lossless("EKS to ECS", both, () => stack.up(to("ecs"))));

  it("ECS to both loses no request", () => lossless("ECS to both", both, () => stack.up(to("both"))));

  longCase("weights move in steps without losing a request", () =>
    lossless("both: weights of ECS 50, 90, 10", both, async () => {
      succeeds(await stack.up(weights(90)));
      return stack.up(weights(10));
    }),
  );

  longCase("both to EKS loses no request", () =>
    lossless("both to EKS", both, () => stack.up({ ...to("eks"), ...withoutWeights })),
  );
});
