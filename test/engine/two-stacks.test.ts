import assert from "node:assert/strict";
import { assertOutputs } from "./support/output-shapes";
import type { Sandbox } from "./support/sandbox";
import { succeeds } from "./support/succeeds";
import { describeWithEngine } from "./support/suite";

/** As README names it: the load balancer, the bucket of its access logs and the image repository. */
const isProtected = ["aws:lb/loadBalancer:LoadBalancer", "aws:s3/bucket:Bucket", "aws:ecr/repository:Repository"];

describeWithEngine("Two stacks in one account", (open) => {
  let sandbox: Sandbox;

  before(async () => {
    sandbox = await open({ sharesProviders: false });
    await sandbox.createStack("dev");
    await sandbox.createStack("prod");
  });

  it("are deployed at the same time without meeting", async () => {
    for (const up of await Promise.all([sandbox.up("--stack", "dev"), sandbox.up("--stack", "prod")])) succeeds(up);
    assert.notEqual((await sandbox.outputs("--stack", "dev")).url, (await sandbox.outputs("--stack", "prod")).url);
  });

  it("give every output its type, prod the place of its access logs too", async () => {
    const accessLogs = /^"s3:\/\/inference-access-logs-[0-9a-f]+\/AWSLogs\/\d{12}\/elasticloadbalancing\/us-east-1"$/;
    assertOutputs(await sandbox.outputs("--stack", "prod"), "ecs", { ecs: 100 }, { accessLogs });
  });

  it("keep what prod protects when prod is destroyed, and name it", async () => {
    const { code, output } = await sandbox.pulumi("destroy", "--yes", "--skip-preview", "--stack", "prod");
    assert.equal(code, 1, output);
    assert.match(output, /protected/);
    const kept = sandbox.account.held().filter(({ urn }) => urn.startsWith("urn:pulumi:prod::"));
    for (const type of isProtected)
      assert.ok(
        kept.some((held) => held.type === type),
        type,
      );
  });

  it("leave each other alone when one is destroyed", async () => {
    const ofProd = () => sandbox.account.held().filter(({ urn }) => urn.startsWith("urn:pulumi:prod::")).length;
    const before = ofProd();
    succeeds(await sandbox.pulumi("destroy", "--yes", "--skip-preview", "--stack", "dev"));
    assert.equal(ofProd(), before);
  });

  it("can be destroyed, prod too, once prod no longer protects", async () => {
    sandbox.configure("prod", { "inference:protect": false });
    succeeds(await sandbox.up("--stack", "prod"));
    succeeds(await sandbox.pulumi("destroy", "--yes", "--skip-preview", "--stack", "prod"));
    // The logs are those of the first destroy, when prod was still protected: a protected stack keeps them.
    const left = sandbox.account.held().map(({ type }) => type);
    assert.deepEqual([...new Set(left)].sort(), ["aws:cloudwatch/logGroup:LogGroup", "docker-build:index:Image"]);
    assert.equal(left.filter((type) => type.endsWith("LogGroup")).length, 1);
  });
});
