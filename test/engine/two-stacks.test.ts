import assert from "node:assert/strict";
import { assertOutputs } from "./support/output-shapes";
import type { Sandbox } from "./support/sandbox";
import { succeeds } from "./support/succeeds";
import { describeWithEngine } from "./support/suite";

/** As docs/operations.md lists them: the load balancer, the bucket of its access logs and the image repository. */
const protectedTypes = ["aws:lb/loadBalancer:LoadBalancer", "aws:s3/bucket:Bucket", "aws:ecr/repository:Repository"];

describeWithEngine("Two stacks in one account", (open) => {
  let sandbox: Sandbox;

  before(async () => {
    sandbox = await open({ sharesProviders: false });
    await sandbox.createStack("dev");
    await sandbox.createStack("prod");
  });

  it("two stacks deploy in parallel without a conflict", async () => {
    for (const up of await Promise.all([sandbox.up("--stack", "dev"), sandbox.up("--stack", "prod")])) succeeds(up);
    assert.notEqual((await sandbox.outputs("--stack", "dev")).url, (await sandbox.outputs("--stack", "prod")).url);
  });

  it("prod has every output, including accessLogs", async () => {
    const accessLogs = /^"s3:\/\/inference-access-logs-[0-9a-f]+\/AWSLogs\/\d{12}\/elasticloadbalancing\/us-east-1"$/;
    assertOutputs(await sandbox.outputs("--stack", "prod"), "ecs", { ecs: 100 }, { accessLogs });
  });

  it("destroy of prod keeps the protected resources and names them", async () => {
    const { code, output } = await sandbox.pulumi("destroy", "--yes", "--skip-preview", "--stack", "prod");
    assert.equal(code, 1, output);
    assert.match(output, /protected/);
    const kept = sandbox.account.held().filter(({ urn }) => urn.startsWith("urn:pulumi:prod::"));
    for (const type of protectedTypes)
      assert.ok(
        kept.some((held) => held.type === type),
        type,
      );
  });

  it("destroy of dev deletes nothing of prod", async () => {
    const ofProd = () => sandbox.account.held().filter(({ urn }) => urn.startsWith("urn:pulumi:prod::")).length;
    const before = ofProd();
    succeeds(await sandbox.pulumi("destroy", "--yes", "--skip-preview", "--stack", "dev"));
    assert.equal(ofProd(), before);
  });

  it("destroy of prod succeeds once protect is false", async () => {
    sandbox.configure("prod", { "inference:protect": false });
    succeeds(await sandbox.up("--stack", "prod"));
    succeeds(await sandbox.pulumi("destroy", "--yes", "--skip-preview", "--stack", "prod"));
    // The log group was kept by the first destroy, when prod was still protected.
    const left = sandbox.account.held().map(({ type }) => type);
    assert.deepEqual([...new Set(left)].sort(), ["aws:cloudwatch/logGroup:LogGroup", "docker-build:index:Image"]);
    assert.equal(left.filter((type) => type.endsWith("LogGroup")).length, 1);
  });
});
