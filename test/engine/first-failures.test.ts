import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { EveryResource } from "./support/every-resource";
import { create, destroy } from "./support/stages";
import { describeWithEngine } from "./support/suite";

/** A name that AWS completes, one that it does not, and a rule that AWS takes once. */
const program = `import * as aws from "@pulumi/aws";
const group = new aws.ec2.SecurityGroup("group", { vpcId: "vpc-0123abcd" });
new aws.vpc.SecurityGroupIngressRule("rule", { securityGroupId: group.id, ipProtocol: "tcp", fromPort: 1, toPort: 1 });
new aws.ecr.Repository("images", { name: "images" });
`;
const all = [
  "create aws:ec2/securityGroup:SecurityGroup group",
  "create aws:ecr/repository:Repository images",
  "create aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule rule",
];

describeWithEngine("The first operation on every resource", (open) => {
  let every: EveryResource;

  before(async () => {
    const sandbox = await open();
    await sandbox.createStack("dev");
    every = new EveryResource(sandbox, "dev");
    writeFileSync(join(sandbox.project, "index.ts"), program);
  });
  const destroyed = async () => {
    const { defects, strays } = await every.pass(destroy, "refused");
    assert.deepEqual([defects, strays], [[], []]);
  };

  it("is tried again by the next update when AWS refused it", async () => {
    const { failed, strays, defects } = await every.pass(create, "refused");
    assert.deepEqual([defects, strays, [...failed].sort()], [[], [], all]);
    await destroyed();
  });

  it("comes after operations in which nothing fails", async () => {
    await every.reach(create);
    const { failed, defects } = await every.pass(destroy, "refused");
    assert.deepEqual([defects, [...failed].sort()], [[], all.map((change) => change.replace("create", "delete"))]);
  });

  it("leaves a resource in the state whose creation AWS did not finish, and the next update finishes it", async () => {
    const { failed, strays, defects } = await every.pass(create, "unfinished");
    assert.deepEqual([defects, strays], [[], []]);
    for (const change of all) assert.ok(failed.includes(change), change);
    await destroyed();
  });

  it("leaves a resource that Pulumi does not know when the answer was lost: twice, or until somebody deletes it", async () => {
    const { failed, strays, defects } = await every.pass(create, "lost");
    assert.deepEqual([defects, [...failed].sort()], [[], all]);
    assert.deepEqual(
      [...strays].sort(),
      all.map((change) => change.replace("create ", "")),
    );
    await destroyed();
  });
});
