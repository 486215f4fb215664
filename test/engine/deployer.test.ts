import assert from "node:assert/strict";
import { typeOf } from "../standins/values";
import type { Lab } from "../support/engine/lab";
import { describeWithEngine } from "../support/engine/suite";

const grant = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation";
const deployer = "arn:aws:iam::123456789012:role/deployer";

/** Whoever deploys next may not be who made the cluster: without the entry, what is inside could neither be changed nor deleted. */
describeWithEngine("A deployer who did not create the cluster", (open) => {
  let lab: Lab;

  const moments = (op: "create" | "delete", phase: "begin" | "end", fits: (type: string) => boolean) =>
    lab.account
      .entries()
      .filter((entry) => entry.op === op && entry.phase === phase && fits(typeOf(entry.urn)))
      .map(({ atMs }) => atMs);
  const isInside = (type: string) => type.startsWith("kubernetes:");

  before(async () => {
    lab = await open();
    await lab.createStack("dev", {
      "inference:target": "eks",
      "inference:eks": { endpoint: "private", deployerArns: [deployer] },
    });
    lab.orders({
      name: "inference-123456789012-role-deployer-admin",
      type: grant,
      op: "create",
      does: "slow",
      milliseconds: 4_000,
    });
    const { code, output } = await lab.up();
    assert.equal(code, 0, output);
  });

  it("may enter before the first thing is made inside, however long that takes", () => {
    const [granted = Number.POSITIVE_INFINITY] = moments("create", "end", (type) => type === grant);
    const first = Math.min(...moments("create", "begin", isInside));
    assert.ok(granted <= first, `granted ${granted - first} ms after the first object`);
  });

  it("may enter until the last thing inside is gone", async () => {
    const { code, output } = await lab.pulumi("destroy", "--yes", "--skip-preview", "--suppress-progress");
    assert.equal(code, 0, output);
    const [revoked = 0] = moments("delete", "begin", (type) => type === grant);
    const last = Math.max(...moments("delete", "end", isInside));
    assert.ok(last <= revoked, `revoked ${last - revoked} ms before the last object went`);
  });
});
