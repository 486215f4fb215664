import assert from "node:assert/strict";
import { Account, type Held, type Operation } from "../fakes/account";
import { refuses } from "../fakes/aws-refusals";
import { realise } from "../fakes/aws-shapes";
import { FakeProvider } from "../fakes/provider";
import type { Properties } from "../fakes/values";
import { temporaryFolder } from "../support/folder";

const types = {
  address: "aws:ec2/eip:Eip",
  alarm: "aws:cloudwatch/metricAlarm:MetricAlarm",
  association: "aws:ec2/routeTableAssociation:RouteTableAssociation",
  attachment: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
  balancer: "aws:lb/loadBalancer:LoadBalancer",
  capacity: "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders",
  certificate: "aws:acm/certificate:Certificate",
  cluster: "aws:ecs/cluster:Cluster",
  composite: "aws:cloudwatch/compositeAlarm:CompositeAlarm",
  endpoint: "aws:ec2/vpcEndpoint:VpcEndpoint",
  group: "aws:lb/targetGroup:TargetGroup",
  image: "docker-build:index:Image",
  ingress: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
  internet: "aws:ec2/internetGateway:InternetGateway",
  listener: "aws:lb/listener:Listener",
  nat: "aws:ec2/natGateway:NatGateway",
  policy: "aws:iam/policy:Policy",
  repository: "aws:ecr/repository:Repository",
  role: "aws:iam/role:Role",
  rolePolicy: "aws:iam/rolePolicy:RolePolicy",
  routes: "aws:ec2/routeTable:RouteTable",
  rule: "aws:lb/listenerRule:ListenerRule",
  scaling: "aws:appautoscaling/target:Target",
  securityGroup: "aws:ec2/securityGroup:SecurityGroup",
  service: "aws:ecs/service:Service",
  subnet: "aws:ec2/subnet:Subnet",
  task: "aws:ecs/taskDefinition:TaskDefinition",
  validation: "aws:acm/certificateValidation:CertificateValidation",
  vpc: "aws:ec2/vpc:Vpc",
} as const;

describe("The fake account", () => {
  let folder: string;
  let account: Account;

  beforeEach(() => {
    folder = temporaryFolder("account");
    account = new Account(folder);
  });

  const urnOf = (type: string, name: string) => `urn:pulumi:test::test::${type}::${name}`;

  function make(type: string, name: string, inputs: Properties = {}): Held {
    const urn = urnOf(type, name);
    const { id, outputs } = realise(urn, { name, ...inputs }, account);
    account.write({ phase: "end", operation: name, op: "create", urn, id, inputs: { name, ...inputs }, outputs });
    const held = account.find(urn, id, outputs);
    assert.ok(held);
    return held;
  }
  const refusal = (op: Operation, type: string, inputs: Properties): string | undefined =>
    refuses(op, { urn: urnOf(type, "new"), type, name: "new", id: "", inputs, outputs: {} }, account);

  const forwardTo = (group: Held, weight = 1) => ({
    actions: [{ type: "forward", forward: { targetGroups: [{ arn: group.id, weight }] } }],
  });

  /** Everything that must exist before a service; each test leaves one part out. */
  function prerequisites() {
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

  describe("Services", () => {
    it("a service with all prerequisites is accepted", () => {
      const { inputs, attachGroup, attachPolicy, addCapacity } = prerequisites();
      for (const add of [attachGroup, attachPolicy, addCapacity]) add();
      assert.equal(refusal("create", types.service, inputs), undefined);
    });

    it("a service whose target group has no load balancer is refused", () => {
      const { inputs, attachPolicy, addCapacity } = prerequisites();
      for (const add of [attachPolicy, addCapacity]) add();
      assert.match(refusal("create", types.service, inputs) ?? "", /does not have an associated load balancer/);
    });

    it("a service whose execution role has no policy is refused", () => {
      const { inputs, attachGroup, addCapacity } = prerequisites();
      for (const add of [attachGroup, addCapacity]) add();
      assert.match(refusal("create", types.service, inputs) ?? "", /CannotPullContainerError: role execution/);
    });

    it("a service whose cluster lacks the capacity provider is refused", () => {
      const { inputs, attachGroup, attachPolicy } = prerequisites();
      for (const add of [attachGroup, attachPolicy]) add();
      assert.match(refusal("create", types.service, inputs) ?? "", /capacity provider FARGATE is not associated/);
    });

    it("a service whose task definition does not exist is refused", () => {
      const { inputs, attachGroup, addCapacity } = prerequisites();
      for (const add of [attachGroup, addCapacity]) add();
      const withoutTask = { ...inputs, taskDefinition: "arn:none" };
      assert.match(refusal("create", types.service, withoutTask) ?? "", /unable to describe task definition arn:none/);
    });

    it("a service with a rollback alarm that does not exist is refused", () => {
      const { inputs } = prerequisites();
      const alarms = { enable: true, rollback: true, alarmNames: ["failing"] };
      const error = () => refusal("create", types.service, { ...inputs, alarms }) ?? "";
      assert.match(error(), /the alarm failing could not be found/);
      make(types.alarm, "failing");
      assert.doesNotMatch(error(), /the alarm failing/);
    });

    it("a service with both launch type and capacity providers is refused", () => {
      const { inputs } = prerequisites();
      assert.match(
        refusal("create", types.service, { ...inputs, launchType: "FARGATE" }) ?? "",
        /launch type and capacity/,
      );
    });
  });

  it("refuses a target group that another load balancer uses", () => {
    const group = make(types.group, "group");
    const listeners = ["first", "second"].map((name) => make(types.listener, name, { loadBalancerArn: name }).id);
    make(types.rule, "pin", { listenerArn: listeners[0], priority: 1, ...forwardTo(group) });
    const error = (listenerArn?: string) =>
      refusal("create", types.rule, { listenerArn, priority: 2, ...forwardTo(group) });
    assert.equal(error(listeners[0]), undefined);
    assert.match(error(listeners[1]) ?? "", /^TargetGroupAssociationLimit: .*targetgroup\/group\//);
  });

  it("refuses a weight over 999", () => {
    const error = refusal("create", types.rule, {
      listenerArn: "l",
      priority: 1,
      ...forwardTo(make(types.group, "group"), 1000),
    });
    assert.match(error ?? "", /weight 1000/);
  });

  it("refuses a sixth target group in one action", () => {
    const groups = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ arn: make(types.group, `group-${count}-${index}`).id }));
    const forwarding = (count: number) =>
      refusal("create", types.rule, { actions: [{ type: "forward", forward: { targetGroups: groups(count) } }] });
    assert.doesNotMatch(forwarding(5) ?? "", /TooMany/);
    assert.match(forwarding(6) ?? "", /TooManyTargetGroups/);
  });

  it("refuses a listener whose certificate has not been issued", () => {
    const certificateArn = make(types.certificate, "certificate").id;
    const error = () => refusal("create", types.listener, { certificateArn });
    assert.match(error() ?? "", /UnsupportedCertificate/);
    make(types.validation, "issued", { certificateArn });
    assert.equal(error(), undefined);
  });

  it("refuses a priority that another rule of the listener has", () => {
    make(types.rule, "first", { listenerArn: "listener", priority: 7 });
    assert.match(
      refusal("create", types.rule, { listenerArn: "listener", priority: 7 }) ?? "",
      /PriorityInUse: priority 7/,
    );
  });

  it("refuses names that are taken or longer than AWS allows", () => {
    make(types.repository, "images");
    assert.match(refusal("create", types.repository, { name: "images" }) ?? "", /AlreadyExists/);
    assert.match(refusal("create", types.group, { name: "g".repeat(33) }) ?? "", /longer than 32 characters/);
  });

  it("refuses to scale a service that does not exist", () => {
    assert.match(
      refusal("create", types.scaling, { resourceId: "service/cluster/none" }) ?? "",
      /service doesn't exist/,
    );
  });

  describe("Deletion", () => {
    const deleting = (held: Held) => refuses("delete", held, account) ?? "";

    /** The resource to delete, the one that refers to it, the input that does so, and the error of AWS. */
    const holders: [held: keyof typeof types, by: keyof typeof types, through: string, RegExp][] = [
      ["group", "rule", "targetGroupArn", /^ResourceInUse/],
      ["group", "listener", "targetGroupArn", /^ResourceInUse/],
      ["securityGroup", "balancer", "securityGroups", /^DependencyViolation/],
      ["securityGroup", "service", "securityGroups", /^DependencyViolation/],
      ["securityGroup", "endpoint", "securityGroupIds", /^DependencyViolation/],
      ["subnet", "balancer", "subnets", /^DependencyViolation/],
      ["subnet", "nat", "subnetId", /^DependencyViolation/],
      ["vpc", "subnet", "vpcId", /^DependencyViolation/],
      ["vpc", "securityGroup", "vpcId", /^DependencyViolation/],
      ["vpc", "internet", "vpcId", /^DependencyViolation/],
      ["vpc", "routes", "vpcId", /^DependencyViolation/],
      ["vpc", "endpoint", "vpcId", /^DependencyViolation/],
      ["certificate", "listener", "certificateArn", /^ResourceInUseException/],
      ["address", "nat", "allocationId", /^InvalidIPAddress\.InUse/],
      ["routes", "association", "routeTableId", /^DependencyViolation/],
      ["cluster", "service", "cluster", /^ClusterContainsServicesException/],
      ["role", "rolePolicy", "role", /^DeleteConflict/],
      ["role", "attachment", "role", /^DeleteConflict/],
      ["policy", "attachment", "policyArn", /^DeleteConflict/],
    ];
    for (const [held, by, through, code] of holders) {
      it(`deleting ${held} is refused while ${by} refers to it`, () => {
        const subject = make(types[held], "held");
        assert.equal(deleting(subject), "");
        make(types[by], "holder", { [through]: subject.id });
        assert.match(deleting(subject), code);
        assert.match(deleting(subject), /"holder"/);
      });
    }

    it("deleting an alarm is refused while a composite alarm uses it", () => {
      const alarm = make(types.alarm, "failing");
      assert.equal(deleting(alarm), "");
      make(types.composite, "page", { alarmRule: 'ALARM("failing")' });
      assert.match(deleting(alarm), /composite alarm "page" depends on it/);
    });

    it("deleting a security group is refused while a rule of another group names it", () => {
      const [named, other] = [make(types.securityGroup, "named"), make(types.securityGroup, "other")];
      make(types.ingress, "own", { securityGroupId: named.id, referencedSecurityGroupId: other.id });
      assert.equal(deleting(named), "");
      make(types.ingress, "foreign", { securityGroupId: other.id, referencedSecurityGroupId: named.id });
      assert.match(deleting(named), /^DependencyViolation.*"foreign"/);
    });

    it("deleting a repository with images is refused without forceDelete", () => {
      const kept = make(types.repository, "kept");
      make(types.image, "image", { tags: [`${kept.outputs.repositoryUrl}:v1`] });
      assert.match(deleting(kept), /^RepositoryNotEmptyException/);
      assert.equal(deleting({ ...kept, inputs: { ...kept.inputs, forceDelete: true } }), "");
    });
  });

  describe("Required properties", () => {
    const check = async (pkg: string, type: string, inputs: Properties) => {
      process.env.FAKE_ACCOUNT = folder;
      const fakeProvider = new FakeProvider(pkg, { realise });
      delete process.env.FAKE_ACCOUNT;
      const { failures } = await fakeProvider.check(urnOf(type, "new"), {}, inputs);
      return failures?.map(({ reason }) => reason);
    };

    it("an undefined required property is refused on AWS, Kubernetes and docker-build", async () => {
      assert.deepEqual(await check("aws", types.rule, { actions: [], conditions: [], listenerArn: undefined }), [
        'aws:lb/listenerRule:ListenerRule "new": listenerArn is undefined; it is required',
      ]);
      assert.deepEqual(await check("kubernetes", "kubernetes:apps/v1:Deployment", { metadata: {} }), [
        'kubernetes:apps/v1:Deployment "new": spec is undefined; it is required',
      ]);
      assert.deepEqual(
        await check("kubernetes", "kubernetes:karpenter.sh/v1:NodePool", { apiVersion: "v1", kind: "x" }),
        ['kubernetes:karpenter.sh/v1:NodePool "new": spec is undefined; it is required'],
      );
      assert.deepEqual(await check("docker-build", types.image, {}), [
        'docker-build:index:Image "new": push is undefined; it is required',
      ]);
    });

    it("a type that the SDK does not declare is refused", async () => {
      const policy = "kubernetes:networking.k8s.io/v1:NetworkPolicyy";
      await assert.rejects(check("kubernetes", policy, { spec: {} }), /NetworkPolicyy: the SDK declares no such/);
      await assert.rejects(
        check("aws", "aws:ecs/servise:Servise", {}),
        /aws:ecs\/servise:Servise: the SDK declares no such/,
      );
    });
  });
});
