import assert from "node:assert/strict";
import { oidc } from "../support/oidc";
import { capHealth } from "./support/account-api/health";
import { deployment, Flips, rule, service } from "./support/flips";
import type { Sandbox } from "./support/sandbox";
import { succeeds } from "./support/succeeds";
import { describeWithEngine } from "./support/suite";

const weights = (ecs: number) => ({ "inference:weights": { ecs, eks: 100 - ecs } });
const taskDefinition = "aws:ecs/taskDefinition:TaskDefinition";

describeWithEngine("Traffic between ECS and EKS", (open) => {
  let sandbox: Sandbox;
  let flips: Flips;

  before(async () => {
    sandbox = await open();
    flips = new Flips(sandbox);
    await sandbox.createStack("dev", { "inference:replicas": { min: 2, max: 9 }, "inference:auth": { oidc } });
    sandbox.configure("dev", { "inference:domain": { name: "api.example.com", zone: "example.com" } });
    succeeds(await flips.to("both", weights(50)));
  });

  it("weight 0 moves traffic away from a platform without healthy replicas, with a warning", async () => {
    flips.scale(service, { desiredCount: 5 });
    capHealth(sandbox.account, { "inference-eks": 0 });
    const { output } = succeeds(await flips.to("both", weights(100)));
    assert.deepEqual(flips.weights(), { ecs: 100, eks: 0 });
    assert.match(
      output,
      /warning: eks has weight 0 and is not healthy:\s+eks is not ready after \d+ s: 0 of 2 replicas/,
    );
  });

  it("a rollout of the serving side succeeds while the standby at weight 0 is unhealthy", async () => {
    sandbox.changeImage();
    succeeds(await sandbox.up());
    assert.equal(sandbox.account.of(taskDefinition).length, 1, "the old version is deleted");
    capHealth(sandbox.account, {});
  });

  it("a platform without healthy replicas gains no traffic, and its raised minimum is restored", async () => {
    capHealth(sandbox.account, { "inference-eks": 0 });
    sandbox.edit("components/traffic/release.ts", "patienceSeconds = 600", "patienceSeconds = 6");
    const { code, output } = await flips.to("both", weights(50));
    sandbox.edit("components/traffic/release.ts", "patienceSeconds = 6", "patienceSeconds = 600");
    capHealth(sandbox.account, {});
    assert.equal(code, 1, output);
    assert.match(output, /traffic is not ready after \d+ s: eks: 0 of 2 replicas are healthy/);
    assert.deepEqual(flips.weights(), { ecs: 100, eks: 0 });
    assert.equal(flips.minPods(), 2, "a raised minimum is restored when the rule does not change");
  });

  it("pods are scaled out to their share before traffic moves, and the autoscaler's minimum is restored", async () => {
    flips.scale(service, { desiredCount: 8 });
    flips.scalePods(2);
    const { output } = succeeds(await flips.to("both", weights(25)));
    assert.equal(flips.pods(), 6, "75 % of 8 tasks");
    assert.equal(flips.minPods(), 2);
    assert.match(output, /autoscaling measures the load of the raised replicas/);
  });

  it("traffic leaves ECS after a rollback there, and the update reports variants that still have weight", async () => {
    sandbox.changeImage();
    sandbox.inject({
      name: "inference-ecs",
      type: service,
      op: "update",
      does: "failDeployment",
      message: "unhealthy",
    });
    const { code, output } = await flips.to("both", weights(10));
    sandbox.clearInjected();
    assert.equal(code, 1, output);
    assert.deepEqual(flips.weights(), { ecs: 10, eks: 90 });
    assert.match(output, /The public rule has its declared weights\.\s+ecs has weight 10 and is not healthy:/);
    assert.match(output, /was rolled back: it runs .*\s+event: unhealthy/);
    succeeds(await flips.to("both", weights(0)));
    assert.deepEqual(flips.weights(), { ecs: 0, eks: 100 });
  });

  it("traffic leaves EKS in the same update in which its new pods fail", async () => {
    sandbox.changeImage();
    succeeds(await flips.to("both", weights(50)));
    sandbox.changeImage();
    const message = "[ErrImagePull] no such image";
    sandbox.inject({ name: "inference-eks", type: deployment, op: "update", does: "failDeployment", message });
    const { output } = succeeds(await flips.to("both", weights(100)));
    sandbox.clearInjected();
    assert.deepEqual(flips.weights(), { ecs: 100, eks: 0 });
    assert.match(
      output,
      /warning: eks has weight 0 and is not healthy:\n.* was rolled back: it runs .*\n.* failed to roll out: .*\s+\[ErrImagePull\]/,
    );
  });

  it("up --target of the public rule moves traffic away from an unreachable cluster", async () => {
    sandbox.changeImage();
    succeeds(await flips.to("both", weights(50)));
    sandbox.changeImage();
    sandbox.inject({
      name: "inference-eks",
      type: deployment,
      op: "update",
      does: "fail",
      message: "no route to host",
    });
    sandbox.configure("dev", weights(100));
    const { code } = await sandbox.up("--target", "**inference-public");
    sandbox.clearInjected();
    assert.deepEqual(flips.weights(), { ecs: 100, eks: 0 });
    assert.equal(code, 0);
  });

  it("weights that were changed by hand are reported and restored after the gaining side is scaled out", async () => {
    sandbox.changeImage();
    succeeds(await flips.to("both", weights(50)));
    flips.setWeights({ ecs: 100, eks: 0 });
    flips.scale(service, { desiredCount: 8 });
    flips.scalePods(2);
    const mark = sandbox.mark();
    const { output } = succeeds(await sandbox.up("--expect-no-changes"));
    assert.deepEqual(sandbox.changesSince(mark), []);
    assert.match(
      output,
      /warning: The public rule has the weights ecs 100, eks 0, but the stack declares ecs 50, eks 50\./,
    );
    assert.deepEqual(flips.weights(), { ecs: 50, eks: 50 });
    assert.equal(flips.pods(), 4, "half of the 8 tasks that had all traffic");
    const actions = sandbox.account.of(rule).find(({ name }) => name === "inference-public")?.inputs.actions;
    for (const kept of ["authenticate-oidc", "clientSecret"]) assert.ok(JSON.stringify(actions).includes(kept), kept);
    succeeds(await sandbox.up("--refresh", "--expect-no-changes"));
  });

  it("the number of pods follows a load that triples while they start", async () => {
    succeeds(await flips.to("ecs"));
    flips.scale(service, { desiredCount: 3 });
    capHealth(sandbox.account, { "inference-eks": 2 });
    const mark = sandbox.mark();
    const flip = flips.to("eks");
    await sandbox.waitFor(
      "the pods",
      ({ phase, op, urn }, index) =>
        index >= mark && phase === "end" && op === "create" && urn.endsWith("Deployment::inference-eks"),
    );
    assert.equal(flips.pods(), 3, "a first guess");
    flips.scale(service, { desiredCount: 9 });
    capHealth(sandbox.account, {});
    succeeds(await flip);
    assert.equal(flips.pods(), 9);
    assert.equal(flips.minPods(), 2);
  });
});

describeWithEngine("Replicas under load", (open) => {
  let sandbox: Sandbox;
  let flips: Flips;

  before(async () => {
    sandbox = await open();
    flips = new Flips(sandbox);
    await sandbox.createStack("dev", { "inference:replicas": { min: 1, max: 12 } });
    succeeds(await sandbox.up());
  });

  it("a change of spot replaces the ECS service with one of the same size", async () => {
    flips.scale(service, { desiredCount: 9 });
    sandbox.configure("dev", { "inference:spot": { onDemandBase: 1, onDemandWeight: 1, spotWeight: 1 } });
    const mark = sandbox.mark();
    succeeds(await sandbox.up());
    assert.equal(flips.since(mark, "end", "create", service).inputs?.desiredCount, 9);
  });

  it("a flip that replaces the public rule still waits for the drain", async () => {
    sandbox.configure("dev", { "inference:domain": { name: "api.example.com", zone: "example.com" } });
    const { mark } = succeeds(await flips.to("eks"));
    const moved = flips.since(mark, "end", "create", rule, /-public$/);
    const pause = flips.since(mark, "begin", "delete", service).atMs - moved.atMs;
    assert.ok(pause >= 7_000, `the old side was deleted ${pause} ms after the traffic moved`);
  });
});
