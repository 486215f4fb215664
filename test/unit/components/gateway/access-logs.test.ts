import assert from "node:assert/strict";
import { gateway } from "../../support/gateway-program";
import type { PlanUnderTest } from "../../support/plan-under-test";

const balancer = "aws:lb/loadBalancer:LoadBalancer";
const bucket = "aws:s3/bucket:Bucket";
const policy = "aws:s3/bucketPolicy:BucketPolicy";

describe("Access logs", () => {
  let plan: PlanUnderTest;
  before(async () => {
    plan = await gateway({ ecs: 100 }, { accessLogDays: 30, protect: true });
  });

  it("go to a bucket that exists with its policy before the load balancer", () => {
    const { inputs } = plan.one(balancer);
    assert.deepEqual(inputs.accessLogs, { enabled: true, bucket: "inference-access-logs" });
    assert.ok(plan.dependsOn(plan.one(balancer), plan.one(policy)));
  });

  it("are written only by load balancers of this account, and over TLS", () => {
    const { Statement } = JSON.parse(String(plan.one(policy).inputs.policy));
    assert.deepEqual(Statement, [
      {
        Effect: "Allow",
        Principal: { Service: "logdelivery.elasticloadbalancing.amazonaws.com" },
        Action: ["s3:PutObject"],
        Resource: ["arn:aws:s3:::inference-access-logs/AWSLogs/123456789012/*"],
      },
      {
        Effect: "Deny",
        Principal: "*",
        Action: ["s3:*"],
        Resource: ["arn:aws:s3:::inference-access-logs", "arn:aws:s3:::inference-access-logs/*"],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ]);
  });

  it("are closed to the public, owned by the account, and encrypted as load balancers can write", () => {
    const { bucket: of, ...blocked } = plan.one("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").inputs;
    assert.deepEqual([of, Object.values(blocked)], ["inference-access-logs", [true, true, true, true]]);
    assert.deepEqual(plan.one("aws:s3/bucketOwnershipControls:BucketOwnershipControls").inputs.rule, {
      objectOwnership: "BucketOwnerEnforced",
    });
    const encryption = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration";
    assert.match(JSON.stringify(plan.one(encryption).inputs.rules), /"sseAlgorithm":"AES256"/);
  });

  it("have their S3 folder in the outputs", () =>
    assert.equal(
      plan.outputs.accessLogs,
      "s3://inference-access-logs/AWSLogs/123456789012/elasticloadbalancing/eu-west-1",
    ));

  it("expire", () => {
    const { inputs } = plan.one("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration");
    assert.match(JSON.stringify(inputs.rules), /"days":30.*"status":"Enabled"/);
  });

  it("are protected with protect: true, and deleted with the stack otherwise", async () => {
    const { inputs, options } = plan.one(bucket);
    assert.deepEqual([inputs.forceDestroy, options.protect], [false, true]);
    const dev = (await gateway({ ecs: 100 }, { accessLogDays: 30 })).one(bucket);
    assert.deepEqual([dev.inputs.forceDestroy, dev.options.protect], [true, false]);
  });

  it("are off without accessLogDays", async () => {
    const without = await gateway({ ecs: 100 });
    assert.deepEqual(without.all(bucket), []);
    assert.equal(without.one(balancer).inputs.accessLogs, undefined);
  });
});

describe("Gateway with internal", () => {
  it("has no address on the internet", async () => {
    const internal = await gateway({ ecs: 100 }, { internal: true });
    assert.equal(internal.one(balancer).inputs.internal, true);
  });
});
