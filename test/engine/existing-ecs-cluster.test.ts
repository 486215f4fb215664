import assert from "node:assert/strict";
import { typeOf } from "../fakes/values";
import { deployment, Flips, rule, service } from "./support/flips";
import type { Sandbox } from "./support/sandbox";
import { succeeds } from "./support/succeeds";
import { describeWithEngine } from "./support/suite";

const cluster = "aws:ecs/cluster:Cluster";
const capacity = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders";
const group = "aws:lb/targetGroup:TargetGroup";

/** Clusters of other teams, which exist before the stack. */
const others: Readonly<Record<string, { readonly insights: string; readonly capacityProviders: readonly string[] }>> = {
  models: { insights: "enabled", capacityProviders: ["FARGATE", "FARGATE_SPOT"] },
  plain: { insights: "disabled", capacityProviders: ["FARGATE"] },
  machines: { insights: "disabled", capacityProviders: ["machines"] },
};

const onCluster = (name: string) => ({ "inference:ecs": { cluster: name } });

describeWithEngine("An existing ECS cluster", (open) => {
  let sandbox: Sandbox;
  let flips: Flips;

  before(async () => {
    sandbox = await open();
    flips = new Flips(sandbox);
    for (const [name, { insights, capacityProviders }] of Object.entries(others)) {
      const settings = [{ name: "containerInsights", value: insights }];
      sandbox.account.add(cluster, name, `arn:aws:ecs:us-east-1:123456789012:cluster/${name}`, { name, settings });
      sandbox.account.add(capacity, name, name, { clusterName: name, capacityProviders });
    }
    await sandbox.createStack("dev", { "inference:replicas": { max: 8 } });
    succeeds(await sandbox.up());
  });

  const clusters = () => sandbox.account.of(cluster).map(({ inputs }) => String(inputs.name));
  const clusterOfService = () => String(sandbox.account.of(service)[0]?.inputs.cluster).split("/").at(-1);

  async function assertRefused(keys: Readonly<Record<string, unknown>>, expected: RegExp): Promise<void> {
    const { code, output, mark } = await flips.to("ecs", keys);
    sandbox.configure("dev", { "inference:ecs": undefined, "inference:spot": undefined });
    assert.equal(code, 1, output);
    assert.match(output, expected);
    assert.deepEqual(sandbox.changesSince(mark), []);
  }

  it("preflight refuses a cluster that does not exist or cannot run the tasks, and nothing changes", async () => {
    await assertRefused(
      onCluster("absent"),
      /ecs\.cluster is "absent"; expected an ECS cluster that exists in us-east-1/,
    );
    await assertRefused(
      onCluster("machines"),
      /ecs\.cluster is "machines"; expected a cluster with the capacity provider FARGATE; this one has machines\./,
    );
    await assertRefused(
      { ...onCluster("plain"), "inference:spot": { spotWeight: 1 } },
      /ecs\.cluster is "plain"; expected a cluster with the capacity provider FARGATE_SPOT; this one has FARGATE\./,
    );
  });

  it("preflight refuses the cluster that the stack created", async () => {
    const own = clusters().find((name) => !(name in others)) ?? "";
    await assertRefused(onCluster(own), /ecs\.cluster is "inference-[0-9a-f]+"; expected a cluster of somebody else/);
  });

  /** The new service serves with as many tasks before the old one is deleted. */
  function assertMoved(mark: number): void {
    const moving = flips.since(mark, "begin", "update", rule, /-public$/);
    assert.ok(flips.since(mark, "end", "create", service).atMs <= moving.atMs);
    const moved = flips.since(mark, "end", "update", rule, /-public$/);
    const pause = flips.since(mark, "begin", "delete", service).atMs - moved.atMs;
    assert.ok(pause >= 7_000, `the old service was deleted ${pause} ms after the traffic moved`);
    const old = flips.since(mark, "end", "delete", service).atMs;
    assert.ok(old <= flips.since(mark, "begin", "delete", group).atMs);
    assert.deepEqual(
      sandbox.account.of(service).map(({ inputs }) => inputs.desiredCount),
      [5],
      "as many as served",
    );
    assert.equal(sandbox.account.of(group).length, 1);
  }

  it("a running service moves to an existing cluster without losing requests, and its own cluster is deleted", async () => {
    flips.scale(service, { desiredCount: 5 });
    const { mark } = succeeds(await flips.to("ecs", onCluster("models")));
    assertMoved(mark);
    const own = flips.since(mark, "begin", "delete", cluster).atMs;
    assert.ok(flips.since(mark, "end", "delete", service).atMs <= own);
    assert.equal(clusterOfService(), "models");
    assert.deepEqual(clusters().sort(), Object.keys(others).sort());
    assert.equal((await sandbox.outputs()).ecsClusterName, "models");
  });

  it("a second update on the existing cluster changes nothing", async () => {
    succeeds(await sandbox.up("--expect-no-changes"));
  });

  it("a running service moves to another existing cluster without losing requests", async () => {
    const { mark } = succeeds(await flips.to("ecs", onCluster("plain")));
    assertMoved(mark);
    assert.equal(clusterOfService(), "plain");
  });

  it("a flip to EKS leaves the existing cluster", async () => {
    const { mark } = succeeds(await flips.to("eks"));
    flips.assertOrder(mark, deployment, service);
    succeeds(await flips.to("ecs"));
    assert.equal(clusterOfService(), "plain");
  });

  it("destroy leaves the existing clusters as they were", async () => {
    succeeds(await sandbox.pulumi("destroy", "--yes", "--skip-preview", "--suppress-progress"));
    const left = sandbox.account.held().filter(({ type }) => type !== "docker-build:index:Image");
    assert.deepEqual([...new Set(left.map(({ type }) => type))].sort(), [cluster, capacity]);
    assert.deepEqual(clusters().sort(), Object.keys(others).sort());
    const changed = sandbox.account
      .entries()
      .filter(({ urn, operation }) => urn.includes("::others::") && operation !== "drift");
    assert.deepEqual(
      changed.filter(({ op }) => op !== "read").map(({ op, urn }) => `${op} ${typeOf(urn)}`),
      [],
    );
  });
});
