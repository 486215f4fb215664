import assert from "node:assert/strict";
import { offlineCloud } from "../../../../tools/offline/cloud";
import { ecsService } from "../../support/ecs-program";
import { declared } from "../../support/mock-cloud";

const network = {
  vpcId: "vpc-0123abcd",
  publicSubnetIds: ["subnet-0000000a", "subnet-0000000b"],
  privateSubnetIds: ["subnet-0000000c", "subnet-0000000d"],
};
const volumes = { models: { efs: "fs-0123456789abcdef0", path: "/models" } };
const rule = "aws:ec2/securityGroupRule:SecurityGroupRule";

describe("ECS volumes", () => {
  it("open NFS to every block of the VPC before the first task starts", async () => {
    const offline = offlineCloud("eu-west-1");
    const call: typeof offline.call = (args) =>
      args.token === "aws:ec2/getVpc:getVpc"
        ? {
            cidrBlock: "10.0.0.0/16",
            cidrBlockAssociations: [{ cidrBlock: "10.0.0.0/16" }, { cidrBlock: "100.64.0.0/16" }],
          }
        : offline.call(args);
    const plan = await declared(() => void ecsService({ network, volumes }), { ...offline, call });
    const opened = plan.one(rule);
    const { type, cidrBlocks, protocol, fromPort, toPort } = opened.inputs;
    assert.deepEqual(
      [type, cidrBlocks, protocol, fromPort, toPort],
      ["egress", ["10.0.0.0/16", "100.64.0.0/16"], "tcp", 2049, 2049],
    );
    assert.ok(plan.dependsOn(plan.one("aws:ecs/service:Service"), opened));
  });

  it("open nothing without a file system", async () =>
    assert.deepEqual((await declared(() => void ecsService())).all(rule), []));

  it("are not mounted by the container that opens the writable paths", async () => {
    const container = { preset: "fastapi", user: "1000", writablePaths: ["/var/cache"] };
    const plan = await declared(() => void ecsService({ network, volumes, container }));
    const { containerDefinitions } = plan.one("aws:ecs/taskDefinition:TaskDefinition").inputs;
    const all: { name: string; mountPoints: { containerPath: string }[] }[] = JSON.parse(String(containerDefinitions));
    assert.deepEqual(
      all.map(({ name, mountPoints }) => [name, ...mountPoints.map(({ containerPath }) => containerPath)]),
      [
        ["inference", "/var/cache", "/models"],
        ["writable-paths", "/var/cache"],
      ],
    );
  });
});
