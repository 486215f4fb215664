import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { evaluate } from "../../../tools/offline";
import { offlineCloud } from "../../../tools/offline/cloud";
import { refuseUntestedSdk, testedVersion, withoutDebugging } from "../../../tools/offline/sdk-internals";

const debuggable = require("@pulumi/pulumi/runtime/debuggable");

/** What the evaluator replaces in this process. */
const replaced = () => [Error.prepareStackTrace, Error.stackTraceLimit, globalThis.fetch, debuggable.debuggablePromise];

describe("the SDK internals that tools/offline replaces", () => {
  it("match the installed version", () => assert.doesNotThrow(() => refuseUntestedSdk()));

  it("are refused in another version, with the tested version and the fix", () =>
    assert.throws(
      () => refuseUntestedSdk("3.999.0"),
      (error: Error) =>
        error.message.startsWith(`@pulumi/pulumi is 3.999.0; tools/offline replaces internals of ${testedVersion}.`) &&
        error.message.includes("npm ci") &&
        error.message.includes("tools/offline/sdk-internals.ts"),
    ));

  it("are all in place during an evaluation, and as before after it", async () => {
    const before = replaced();
    let during: unknown[] = [];
    const { resources, logs, outputs } = await evaluate(
      async () => {
        during = replaced();
        await pulumi.log.warn("careful");
        const hook = new pulumi.ResourceHook("hook", async () => {});
        return { arn: new aws.ecs.Cluster("one", {}, { hooks: { afterCreate: [hook] } }).arn };
      },
      { project: "inference", stack: "test", config: { "aws:region": "eu-west-1" }, cloud: offlineCloud("eu-west-1") },
    );
    for (const [index, value] of before.entries()) assert.notEqual(during[index], value, `${index}`);
    assert.deepEqual(replaced(), before);
    assert.deepEqual(logs, [{ severity: "warning", message: "careful" }]);
    assert.match(String(outputs.arn), /^arn:aws:ecs:/);
    assert.deepEqual(resources.find(({ name }) => name === "one")?.options.hooks, { afterCreate: ["hook"] });
  });

  it("are as before after a failure", async () => {
    const before = replaced();
    await assert.rejects(withoutDebugging(() => Promise.reject(new Error("broken"))));
    assert.deepEqual(replaced(), before);
  });
});
