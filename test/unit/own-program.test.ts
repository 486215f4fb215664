import assert from "node:assert/strict";
import { join } from "node:path";
import { evaluate, ofType, type Plan } from "../../tools/offline";
import { offlineCloud } from "../../tools/offline/cloud";
import { projectFolder } from "../../tools/stack/file";

const region = "eu-west-1";
const program = join(projectFolder, "examples/own-program/index.ts");

describe("examples/own-program", () => {
  let plan: Plan;
  before(async () => {
    const context = { project: "own-program", stack: "dev", config: { "aws:region": region } };
    plan = await evaluate(() => require(program), { ...context, cloud: offlineCloud(region) });
  });

  it("puts one service on ECS behind a load balancer in the VPC that exists", () => {
    const only = (type: string) => {
      const [first, ...others] = ofType(plan, type);
      assert.ok(first !== undefined && others.length === 0, `${type}: ${others.length + Number(first !== undefined)}`);
      return first;
    };
    const service = only("aws:ecs/service:Service");
    const { subnets } = service.inputs.networkConfiguration as { subnets: string[] };
    assert.deepEqual(subnets, ["subnet-0ccc3333", "subnet-0ddd4444"]);
    assert.equal(service.inputs.desiredCount, 2);
    assert.deepEqual(only("aws:lb/loadBalancer:LoadBalancer").inputs.subnets, ["subnet-0aaa1111", "subnet-0bbb2222"]);
    assert.equal(only("aws:lb/targetGroup:TargetGroup").inputs.vpcId, "vpc-0a1b2c3d");
    only("docker-build:index:Image");
  });

  it("declares no network and no cluster of EKS", () => {
    const types = new Set(plan.resources.map(({ type }) => type));
    for (const type of ["awsx:ec2:Vpc", "aws:ec2/vpc:Vpc", "eks:index:Cluster", "aws:eks/cluster:Cluster"]) {
      assert.ok(!types.has(type), type);
    }
  });

  it("returns the URL", () => assert.match(String(plan.outputs.url), /^http:\/\//));
});
