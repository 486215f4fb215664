import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { nameOf, typeOf } from "../fakes/values";
import { capHealth } from "./support/account-api/health";
import { autoscaler, ecsSide, Flips, rule, service } from "./support/flips";
import type { Sandbox } from "./support/sandbox";
import { succeeds } from "./support/succeeds";
import { describeWithEngine } from "./support/suite";

const cluster = "aws:eks/cluster:Cluster";
const group = "aws:lb/targetGroup:TargetGroup";

describeWithEngine("Killed flips to EKS", (open) => {
  let sandbox: Sandbox;
  let flips: Flips;

  /** Runs `up` until an operation, and returns a function that kills it there and unlocks the stack. */
  const killedAt = async (
    what: string,
    type: string,
    name: RegExp,
    phase: "begin" | "end",
    op: "create" | "update" | "delete",
  ) => {
    const mark = sandbox.mark();
    const running = sandbox.start(["up", "--yes", "--skip-preview"]);
    await sandbox.waitFor(
      what,
      (entry, index) =>
        index >= mark &&
        entry.phase === phase &&
        entry.op === op &&
        typeOf(entry.urn) === type &&
        name.test(nameOf(entry.urn)),
      110_000,
    );
    return async (afterwards = () => {}) => {
      running.killAll();
      await running.result;
      sandbox.clearInjected();
      afterwards();
      await sandbox.must("cancel", "--yes", "dev");
    };
  };
  const serves = () => flips.weights();

  before(async () => {
    sandbox = await open({ sharesProviders: false });
    flips = new Flips(sandbox);
    await sandbox.createStack("dev", { "inference:replicas": { min: 1, max: 8 } });
    succeeds(await sandbox.up());
    flips.scale(service, { desiredCount: 8 });
    sandbox.configure("dev", { "inference:target": "eks" });
  });

  it("a flip killed before the target group exists leaves traffic on ECS", async () => {
    sandbox.inject({ name: "inference-eks", type: group, op: "create", does: "hang" });
    const kill = await killedAt("the target group's creation", group, /-eks$/, "begin", "create");
    await kill();
    assert.deepEqual(serves(), { ecs: 100 });
  });

  it("a flip killed during the creation of the cluster leaves traffic on ECS", async () => {
    sandbox.inject({ name: "inference-eksCluster", type: cluster, op: "create", does: "hang" });
    const kill = await killedAt("the cluster's creation", cluster, /./, "begin", "create");
    await kill();
    assert.deepEqual(serves(), { ecs: 100 });
  });

  it("a flip killed while pods start leaves traffic on ECS", async () => {
    capHealth(sandbox.account, { "inference-eks": 3 });
    const kill = await killedAt("the autoscaler", autoscaler, /-eks$/, "end", "create");
    // Wait until the state contains it: the engine forgets resources that it has not saved.
    await delay(3_000);
    await kill(() => flips.letIdle(1));
    capHealth(sandbox.account, {});
    assert.deepEqual(serves(), { ecs: 100 });
  });

  it("a flip killed during the change of the rule has started all pods", async () => {
    sandbox.inject({ name: "inference-public", type: rule, op: "update", does: "hang" });
    const kill = await killedAt("the rule's change", rule, /-public$/, "begin", "update");
    assert.equal(flips.pods(), 8, "as many as ECS runs");
    // AWS applied the change, but the state does not contain it.
    await kill(() => flips.setWeights({ eks: 100 }));
    assert.equal(flips.minPods(), 8, "raised, and not restored by the killed update");
  });

  it("a flip killed during the drain has moved traffic and deleted nothing", async () => {
    flips.setWeights({ ecs: 100 });
    const kill = await killedAt("the rule's change", rule, /-public$/, "end", "update");
    await kill();
    assert.deepEqual(serves(), { eks: 100 });
    assert.equal(sandbox.account.of(service).length, 1, "the ECS service is not deleted yet");
  });

  it("a flip killed during deletion has restored the autoscaler's minimum", async () => {
    sandbox.inject({ name: "inference-ecs", type: service, op: "delete", does: "hang" });
    const kill = await killedAt("the service's deletion", service, /-ecs$/, "begin", "delete");
    await kill();
    assert.equal(flips.minPods(), 1, "the minimum that a killed update raised is restored");
  });

  it("the last update ends in the same state as a flip that was never killed", async () => {
    succeeds(await sandbox.up());
    const left = sandbox.account.held().map(({ type }) => type);
    for (const type of ["aws:ecs/service:Service", "aws:ecs/cluster:Cluster"]) {
      assert.ok(ecsSide.includes(type) && !left.includes(type), `${type} is left`);
    }
    assert.deepEqual(serves(), { eks: 100 });
    assert.deepEqual([flips.pods(), flips.minPods()], [8, 1]);
    succeeds(await sandbox.up("--expect-no-changes"));
  });
});
