import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Account, type Held, type Operation } from "../standins/account";
import { refuses } from "../standins/aws-refusals";
import { realise } from "../standins/aws-shapes";
import type { Properties } from "../standins/values";

const types = {
  attachment: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
  balancer: "aws:lb/loadBalancer:LoadBalancer",
  capacity: "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders",
  cluster: "aws:ecs/cluster:Cluster",
  group: "aws:lb/targetGroup:TargetGroup",
  image: "docker-build:index:Image",
  ingress: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
  repository: "aws:ecr/repository:Repository",
  role: "aws:iam/role:Role",
  rule: "aws:lb/listenerRule:ListenerRule",
  scaling: "aws:appautoscaling/target:Target",
  securityGroup: "aws:ec2/securityGroup:SecurityGroup",
  service: "aws:ecs/service:Service",
  subnet: "aws:ec2/subnet:Subnet",
  task: "aws:ecs/taskDefinition:TaskDefinition",
  vpc: "aws:ec2/vpc:Vpc",
} as const;

describe("The pretended account", () => {
  let folder: string;
  let account: Account;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "account-"));
    account = new Account(folder);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const urnOf = (type: string, name: string) => `urn:pulumi:test::test::${type}::${name}`;

  function make(type: string, name: string, inputs: Properties = {}): Held {
    const urn = urnOf(type, name);
    const { id, outputs } = realise(urn, { name, ...inputs }, account);
    account.write({ phase: "end", operation: name, op: "create", urn, id, inputs: { name, ...inputs }, outputs });
    const held = account.find(urn, id, outputs);
    assert.ok(held);
    return held;
  }
  const asked = (op: Operation, type: string, inputs: Properties): string | undefined =>
    refuses(op, { urn: urnOf(type, "new"), type, name: "new", id: "", inputs, outputs: {} }, account);

  const forwardTo = (group: Held, weight = 1) => ({
    actions: [{ type: "forward", forward: { targetGroups: [{ arn: group.id, weight }] } }],
  });

  /** Everything that a service needs before it; the tests take one away. */
  function needs() {
    const cluster = make(types.cluster, "cluster");
    const group = make(types.group, "group");
    const role = make(types.role, "execution");
    const task = make(types.task, "task", { family: "task", executionRoleArn: role.outputs.arn });
    const inputs = {
      cluster: cluster.id,
      taskDefinition: task.outputs.arn,
      loadBalancers: [{ targetGroupArn: group.id }],
      capacityProviderStrategies: [{ capacityProvider: "FARGATE", weight: 1 }],
    };
    return {
      inputs,
      attachGroup: () => make(types.rule, "pin", forwardTo(group)),
      attachPolicy: () => make(types.attachment, "policy", { role: "execution" }),
      addCapacity: () => make(types.capacity, "capacity", { clusterName: "cluster", capacityProviders: ["FARGATE"] }),
    };
  }

  describe("refuses a service", () => {
    it("not when everything is there", () => {
      const { inputs, attachGroup, attachPolicy, addCapacity } = needs();
      for (const add of [attachGroup, attachPolicy, addCapacity]) add();
      assert.equal(asked("create", types.service, inputs), undefined);
    });

    it("whose target group no rule attaches to a load balancer", () => {
      const { inputs, attachPolicy, addCapacity } = needs();
      for (const add of [attachPolicy, addCapacity]) add();
      assert.match(asked("create", types.service, inputs) ?? "", /does not have an associated load balancer/);
    });

    it("whose execution role has no policy yet", () => {
      const { inputs, attachGroup, addCapacity } = needs();
      for (const add of [attachGroup, addCapacity]) add();
      assert.match(asked("create", types.service, inputs) ?? "", /CannotPullContainerError: role execution/);
    });

    it("whose capacity provider the cluster does not have yet", () => {
      const { inputs, attachGroup, attachPolicy } = needs();
      for (const add of [attachGroup, attachPolicy]) add();
      assert.match(asked("create", types.service, inputs) ?? "", /capacity provider FARGATE is not associated/);
    });

    it("with a launch type beside a strategy", () => {
      const { inputs } = needs();
      assert.match(
        asked("create", types.service, { ...inputs, launchType: "FARGATE" }) ?? "",
        /launch type and capacity/,
      );
    });
  });

  it("refuses a weight over 999", () => {
    const refusal = asked("create", types.rule, {
      listenerArn: "l",
      priority: 1,
      ...forwardTo(make(types.group, "group"), 1000),
    });
    assert.match(refusal ?? "", /weight 1000/);
  });

  it("refuses a priority that another rule of the listener has", () => {
    make(types.rule, "first", { listenerArn: "listener", priority: 7 });
    assert.match(
      asked("create", types.rule, { listenerArn: "listener", priority: 7 }) ?? "",
      /PriorityInUse: priority 7/,
    );
  });

  it("refuses names that are taken or longer than AWS allows", () => {
    make(types.repository, "images");
    assert.match(asked("create", types.repository, { name: "images" }) ?? "", /AlreadyExists/);
    assert.match(asked("create", types.group, { name: "g".repeat(33) }) ?? "", /longer than 32 characters/);
  });

  it("refuses to scale a service that does not exist", () => {
    assert.match(asked("create", types.scaling, { resourceId: "service/cluster/none" }) ?? "", /service doesn't exist/);
  });

  describe("refuses to delete", () => {
    const deleting = (held: Held) => refuses("delete", held, account) ?? "";

    it("a target group that a rule forwards to", () => {
      const group = make(types.group, "group");
      assert.equal(deleting(group), "");
      make(types.rule, "pin", forwardTo(group));
      assert.match(deleting(group), /^ResourceInUse.*"pin"/);
    });

    it("a security group that a load balancer wears or another group's rule names", () => {
      const worn = make(types.securityGroup, "worn");
      make(types.balancer, "balancer", { securityGroups: [worn.id] });
      assert.match(deleting(worn), /^DependencyViolation.*"balancer"/);
      const named = make(types.securityGroup, "named");
      make(types.ingress, "own", { securityGroupId: named.id, referencedSecurityGroupId: worn.id });
      assert.equal(deleting(named), "");
      make(types.ingress, "foreign", { securityGroupId: worn.id, referencedSecurityGroupId: named.id });
      assert.match(deleting(named), /^DependencyViolation.*"foreign"/);
    });

    it("a cluster with services, a role with policies, a VPC with subnets", () => {
      const cluster = make(types.cluster, "cluster");
      make(types.service, "service", { cluster: cluster.id });
      assert.match(deleting(cluster), /^ClusterContainsServicesException/);
      const role = make(types.role, "role");
      make(types.attachment, "policy", { role: "role" });
      assert.match(deleting(role), /^DeleteConflict/);
      const vpc = make(types.vpc, "vpc");
      make(types.subnet, "subnet", { vpcId: vpc.id });
      assert.match(deleting(vpc), /^DependencyViolation/);
    });

    it("a repository with images, unless told to", () => {
      const kept = make(types.repository, "kept");
      make(types.image, "image", { tags: [`${kept.outputs.repositoryUrl}:v1`] });
      assert.match(deleting(kept), /^RepositoryNotEmptyException/);
      assert.equal(deleting({ ...kept, inputs: { ...kept.inputs, forceDelete: true } }), "");
    });
  });
});
