import assert from "node:assert/strict";
import { typeOf } from "../fakes/values";
import type { Sandbox } from "./support/sandbox";
import { succeeds } from "./support/succeeds";
import { describeWithEngine } from "./support/suite";

const grant = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation";
const deployer = "arn:aws:iam::123456789012:role/deployer";

/** Without an access entry, a deployer who did not create the cluster could neither change nor delete the objects inside. */
describeWithEngine("eks.deployerArns", (open) => {
  let sandbox: Sandbox;

  const moments = (op: "create" | "delete", phase: "begin" | "end", fits: (type: string) => boolean) =>
    sandbox.account
      .entries()
      .filter((entry) => entry.op === op && entry.phase === phase && fits(typeOf(entry.urn)))
      .map(({ atMs }) => atMs);
  const isInside = (type: string) => type.startsWith("kubernetes:");

  before(async () => {
    sandbox = await open();
    await sandbox.createStack("dev", {
      "inference:target": "eks",
      "inference:eks": { endpoint: "private", deployerArns: [deployer] },
    });
    succeeds(await sandbox.up());
  });

  it("the first Kubernetes object waits for the access entry of the deployer", async () => {
    const namespaces = sandbox.account.of("kubernetes:core/v1:Namespace");
    assert.equal(namespaces.length, 1);
    for (const { urn } of namespaces) {
      const found = await sandbox.dependenciesOf(urn);
      assert.ok(found.map(typeOf).includes("eks:index:Cluster"), found.join("\n"));
    }
    // The cluster component is ready only when all its children are, and the entry is one of them.
    const [entry] = sandbox.account.of(grant);
    assert.match(entry?.urn ?? "", /eks:index:Cluster\$[^:]*aws:eks\/accessPolicyAssociation/);
  });

  it("the access entry of the deployer is deleted after the last Kubernetes object", async () => {
    succeeds(await sandbox.pulumi("destroy", "--yes", "--skip-preview", "--suppress-progress"));
    const [revoked = 0] = moments("delete", "begin", (type) => type === grant);
    const last = Math.max(...moments("delete", "end", isInside));
    assert.ok(last <= revoked, `revoked ${last - revoked} ms before the last object was deleted`);
  });
});
