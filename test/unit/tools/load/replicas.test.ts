import assert from "node:assert/strict";
import { ReplicaWatch, type TargetSeen, type Task } from "../../../../tools/load/replicas";

describe("ReplicaWatch", () => {
  /** An error replaces the answer of AWS. */
  async function watched(
    looks: readonly (readonly TargetSeen[] | Error)[],
    tasks: Map<string, Task> | Error = new Map(),
  ) {
    let look = 0;
    let done = () => {};
    const all = new Promise<void>((resolve) => {
      done = resolve;
    });
    const answer = <T>(given: T | Error): T => {
      if (given instanceof Error) throw given;
      return given;
    };
    const reader = {
      targets: async () => {
        const seen = looks[Math.min(look++, looks.length - 1)] ?? [];
        if (look > looks.length) done();
        return answer(seen);
      },
      tasks: async () => answer(tasks),
    };
    const watch = new ReplicaWatch("ecs", "arn", reader, 1);
    await all;
    return watch.end();
  }
  const [old, young] = ["10.0.0.1", "10.0.0.2"];

  it("distinguishes new replicas from those present before", async () => {
    const [first, second] = await watched([
      [{ id: old, healthy: true }],
      [
        { id: old, healthy: true },
        { id: young, healthy: false },
      ],
      [
        { id: old, healthy: true },
        { id: young, healthy: true },
      ],
    ]);
    assert.deepEqual([first?.id, first?.registeredAt, first?.healthyAt], [old, undefined, undefined]);
    assert.equal(second?.id, young);
    assert.ok(second?.registeredAt !== undefined && second.healthyAt !== undefined);
    assert.ok(second.registeredAt <= second.healthyAt);
    assert.equal(second.madeAt, undefined);
  });

  it("adds the task of each replica, and the creation time of a new one", async () => {
    const task = { id: "0123abcd", madeAtMs: Date.now() + 60_000 };
    const [replica] = await watched([[], [{ id: young, healthy: true }]], new Map([[young, task]]));
    assert.deepEqual([replica?.task, replica?.healthy], ["0123abcd", true]);
    assert.ok(replica?.madeAt !== undefined && replica.madeAt > 0 && replica.madeAt <= 60, `${replica?.madeAt}`);
  });

  it("records replicas that were unhealthy at the first poll, and those that left", async () => {
    const [first, second] = await watched([
      [
        { id: old, healthy: true },
        { id: young, healthy: false },
      ],
      [{ id: young, healthy: true }],
    ]);
    assert.deepEqual([first?.registeredAt, second?.healthyAt === undefined], [undefined, false]);
    assert.ok(first?.goneAt !== undefined && second?.goneAt === undefined);
  });

  it("goes on after a failed poll", async () => {
    const there = [{ id: old, healthy: true }];
    const looks = [there, new Error("throttled"), there, there];
    assert.deepEqual(await watched(looks, new Error("not authorized")), [{ id: old, healthy: true }]);
  });

  it("rejects when every poll failed", () => assert.rejects(watched([new Error("not authorized")]), /not authorized/));
});
