import assert from "node:assert/strict";
import type { Sandbox } from "./support/sandbox";
import { succeeds } from "./support/succeeds";
import { describeWithEngine } from "./support/suite";

const cluster = "aws:eks/cluster:Cluster";

/** AWS finishes creating the cluster, but the state does not contain it. */
describeWithEngine("An update killed during the creation of the cluster", (open) => {
  let sandbox: Sandbox;

  before(async () => {
    sandbox = await open();
    await sandbox.createStack("dev", { "inference:target": "eks", "inference:eks": { endpoint: "private" } });
    sandbox.inject({ name: "inference-eksCluster", type: cluster, op: "create", does: "slow", milliseconds: 4_000 });
    const running = sandbox.start(["up", "--yes", "--skip-preview"]);
    await sandbox.waitFor(
      "the cluster's creation to begin",
      ({ phase, urn }) => phase === "begin" && urn.includes(cluster),
    );
    running.signal("SIGKILL");
    await running.result;
    await sandbox.waitFor(
      "the cluster",
      ({ phase, op, urn }) => phase === "end" && op === "create" && urn.includes(cluster),
    );
    sandbox.clearInjected();
    await sandbox.must("cancel", "--yes", "dev");
  });

  it("the next update refuses the orphaned cluster before its first change", async () => {
    const mark = sandbox.mark();
    const { code, output } = await sandbox.up();
    assert.equal(code, 1, output);
    assert.match(output, /EKS cluster name is "inference-dev"; expected no cluster .*aws eks describe-cluster/);
    assert.deepEqual(sandbox.changesSince(mark), []);
  });

  it("the update succeeds once the orphaned cluster is deleted as docs/operations.md describes", async () => {
    const [held] = sandbox.account.of(cluster);
    assert.ok(held);
    // As `aws eks delete-cluster` does it.
    sandbox.account.write({ phase: "end", operation: "by hand", op: "delete", ...held });
    succeeds(await sandbox.up());
    assert.equal(sandbox.account.of(cluster).length, 1);
    succeeds(await sandbox.up("--expect-no-changes"));
  });
});
