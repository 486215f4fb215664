import assert from "node:assert/strict";
import type { Lab } from "./support/lab";
import { succeeds } from "./support/succeeds";
import { describeWithEngine } from "./support/suite";

const cluster = "aws:eks/cluster:Cluster";

/** AWS goes on with what it was asked for, and the state never learns of it. */
describeWithEngine("An update that is killed while EKS creates the cluster", (open) => {
  let lab: Lab;

  before(async () => {
    lab = await open();
    await lab.createStack("dev", { "inference:target": "eks", "inference:eks": { endpoint: "private" } });
    lab.orders({ name: "inference-eksCluster", type: cluster, op: "create", does: "slow", milliseconds: 4_000 });
    const running = lab.start(["up", "--yes", "--skip-preview"]);
    await lab.waitFor(
      "the cluster's creation to begin",
      ({ phase, urn }) => phase === "begin" && urn.includes(cluster),
    );
    running.signal("SIGKILL");
    await running.result;
    await lab.waitFor(
      "the cluster",
      ({ phase, op, urn }) => phase === "end" && op === "create" && urn.includes(cluster),
    );
    lab.orders();
    await lab.must("cancel", "--yes", "dev");
  });

  it("leaves a cluster that the next update refuses before its first change", async () => {
    const mark = lab.mark();
    const { code, output } = await lab.up();
    assert.equal(code, 1, output);
    assert.match(output, /EKS cluster name is "inference-dev"; expected no cluster .*aws eks describe-cluster/);
    assert.deepEqual(lab.changesSince(mark), []);
  });

  it("goes on once that cluster is deleted, as docs/operations.md says", async () => {
    const [held] = lab.account.of(cluster);
    assert.ok(held);
    // As `aws eks delete-cluster` does it.
    lab.account.write({ phase: "end", operation: "by hand", op: "delete", ...held });
    succeeds(await lab.up());
    assert.equal(lab.account.of(cluster).length, 1);
    succeeds(await lab.up("--expect-no-changes"));
  });
});
