import assert from "node:assert/strict";
import { longCaseOf } from "../support/long-case";
import { EveryResource } from "./support/every-resource";
import type { Sandbox } from "./support/sandbox";
import { create, destroy, existingVpc } from "./support/stages";
import { describeWithEngine } from "./support/suite";

const longCase = longCaseOf("npx mocha test/engine/every-resource.test.ts");

/** `npm run test:faults -- --every-resource` has the other stacks and failures. */
describeWithEngine("Stack dev, every operation of which fails once", (open) => {
  let sandbox: Sandbox;
  let every: EveryResource;

  before(async () => {
    sandbox = await open();
    await sandbox.createStack("dev", existingVpc);
    every = new EveryResource(sandbox, "dev");
  });

  longCase("a repeated pulumi up ends in the declared state", async () => {
    const { resources, failed, defects } = await every.pass(create, "refused");
    assert.deepEqual(defects, []);
    assert.ok(resources > 40, `${resources} resources`);
    assert.equal(failed.length, resources);
  });

  longCase("a repeated pulumi destroy leaves only images", async () => {
    const { resources, failed, defects } = await every.pass(destroy, "refused");
    assert.deepEqual(defects, []);
    const left = sandbox.account.held().map(({ type }) => type);
    assert.deepEqual(left, ["docker-build:index:Image"]);
    assert.equal(failed.length, resources - left.length);
  });
});
