import assert from "node:assert/strict";
import { declaredStack } from "./support/mock-cloud";
import type { PlanUnderTest } from "./support/plan-under-test";

const digest = `sha256:${"0123456789abcdef".repeat(4)}`;
const rule = "aws:lb/listenerRule:ListenerRule";
const service = "aws:ecs/service:Service";
const region = "us-east-1";

/** The bucket that only production has. */
const accessLogs = Object.fromEntries(
  [
    "",
    "LifecycleConfiguration",
    "OwnershipControls",
    "Policy",
    "PublicAccessBlock",
    "ServerSideEncryptionConfiguration",
  ].map((part) => [`aws:s3/bucket${part}:Bucket${part}`, 1]),
);

describe("index.ts", () => {
  let dev: PlanUnderTest;
  let prod: PlanUnderTest;
  before(async function () {
    this.timeout(60_000);
    dev = await declaredStack("dev");
    prod = await declaredStack("prod");
  });

  for (const stack of ["dev", "prod"]) {
    describe(`on the ${stack} stack`, () => {
      let plan: PlanUnderTest;
      before(() => {
        plan = stack === "dev" ? dev : prod;
      });

      it("exports the url, the image, the logs and dashboard, and the monthly cost", () => {
        const { monthlyUsd, readme, ...outputs } = plan.outputs;
        assert.deepEqual(Object.keys(monthlyUsd as object), ["atMinimum", "atMaximum"]);
        assert.deepEqual(outputs, {
          target: "ecs",
          url: "http://inference-1234567890.us-east-1.elb.amazonaws.com",
          imageDigest: digest,
          ecsClusterName: "inference",
          ecsServiceNames: { ecs: "inference-ecs" },
          logGroupName: "inference-ecs",
          dashboardUrl: `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#dashboards/dashboard/inference-${stack}`,
          variants: [
            {
              name: "ecs",
              target: "ecs",
              weight: 100,
              header: "x-variant: ecs",
              targetGroupArn: `arn:aws:elasticloadbalancing:${region}:123456789012:targetgroup/inference-ecs/696e666572656e63`,
              cluster: "inference",
              logs: "aws logs tail --follow --region us-east-1 inference-ecs",
            },
          ],
          ...(stack === "prod" && {
            accessLogs: `s3://inference-access-logs/AWSLogs/123456789012/elasticloadbalancing/${region}`,
          }),
        });
      });

      it("exports a readme that names only existing outputs and the command for the other platform", () => {
        const readme = String(plan.outputs.readme);
        const used = [...readme.matchAll(/\$\{outputs\.(\w+)/g)].map(([, output = ""]) => output);
        assert.deepEqual(
          used.filter((output) => !(output in plan.outputs)),
          [],
        );
        assert.deepEqual(
          ["url", "dashboardUrl"].filter((output) => !used.includes(output)),
          [],
        );
        assert.match(readme, /pulumi config set target eks/);
      });

      it("declares exactly these resources", () => {
        const counts = new Map<string, number>();
        for (const { type } of plan.plan.resources) counts.set(type, (counts.get(type) ?? 0) + 1);
        assert.deepEqual(Object.fromEntries([...counts].sort()), {
          "aws:appautoscaling/policy:Policy": 1,
          "aws:appautoscaling/target:Target": 1,
          "aws:cloudwatch/compositeAlarm:CompositeAlarm": 2,
          "aws:cloudwatch/dashboard:Dashboard": 1,
          "aws:cloudwatch/logGroup:LogGroup": 1,
          "aws:cloudwatch/logMetricFilter:LogMetricFilter": 3,
          "aws:cloudwatch/metricAlarm:MetricAlarm": 10,
          "aws:cloudwatch/queryDefinition:QueryDefinition": 3,
          "aws:ec2/securityGroup:SecurityGroup": 2,
          "aws:ecr/lifecyclePolicy:LifecyclePolicy": 1,
          "aws:ecr/repository:Repository": 1,
          "aws:ecs/cluster:Cluster": 1,
          "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": 1,
          "aws:ecs/service:Service": 1,
          "aws:ecs/taskDefinition:TaskDefinition": 1,
          "aws:iam/role:Role": 2,
          "aws:iam/rolePolicy:RolePolicy": 1,
          "aws:lb/listener:Listener": 1,
          "aws:lb/listenerRule:ListenerRule": 3,
          "aws:lb/loadBalancer:LoadBalancer": 1,
          "aws:lb/targetGroup:TargetGroup": 1,
          ...(stack === "prod" && accessLogs),
          "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": 2,
          "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": 2,
          "awsx:ec2:Vpc": 1,
          "docker-build:index:Image": 1,
          "inference:aws:EcsFargateService": 1,
          "inference:aws:Gateway": 1,
          "inference:aws:Network": 1,
          "inference:aws:Observability": 1,
          "inference:aws:Registry": 1,
          "inference:aws:RouteAlarms": 1,
          "inference:aws:Traffic": 1,
          "inference:aws:VariantRoute": 1,
          "pulumi:providers:aws": 1,
          "pulumi:providers:awsx": 1,
          "pulumi:providers:docker-build": 1,
          "pulumi:pulumi:Stack": 1,
        });
      });

      it("opens only the listener's port to everyone", () => {
        const { port } = plan.one("aws:lb/listener:Listener").inputs;
        const open = plan
          .all("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
          .filter(({ inputs }) => inputs.cidrIpv4 !== undefined || inputs.cidrIpv6 !== undefined);
        assert.deepEqual(
          open.map(({ inputs }) => [inputs.cidrIpv4, inputs.fromPort, inputs.toPort]),
          [["0.0.0.0/0", port, port]],
        );
        for (const { inputs } of plan.all("aws:ec2/securityGroup:SecurityGroup"))
          assert.equal(inputs.ingress, undefined);
      });

      it("grants no role all actions, and all resources only for actions without resource scope", () => {
        for (const { Action, Resource } of plan.statements()) {
          for (const action of Action) assert.doesNotMatch(action, /\*/);
          if (Resource.includes("*")) assert.deepEqual(Action, ["ecr:GetAuthorizationToken"]);
        }
      });

      it("creates the service after its own rule: AWS refuses a group without a load balancer", () =>
        assert.ok(plan.dependsOn(plan.one(service), plan.one(rule, "inference-ecs-header"))));

      it("moves the public's traffic after the service is ready", () =>
        assert.ok(plan.dependsOn(plan.one(rule, "inference-public"), plan.one(service))));

      it("runs the built image by the exported digest", () => assert.ok(plan.container().image.endsWith(`@${digest}`)));

      it("scales on the label of its own load balancer and group", async () => {
        const own = await declaredStack(stack, { scaling: { requestsPerMinutePerReplica: 600 } });
        const { inputs } = own.one("aws:appautoscaling/policy:Policy", "inference-ecs-requests");
        assert.match(
          JSON.stringify(inputs),
          /"resourceLabel":"app\/inference\/[0-9a-f]{16}\/targetgroup\/inference-ecs\/[0-9a-f]{16}"/,
        );
      });

      it("passes no name above 32 characters, including the 8 that Pulumi adds", () => {
        for (const type of ["aws:lb/loadBalancer:LoadBalancer", "aws:lb/targetGroup:TargetGroup"]) {
          for (const name of plan.names(type)) assert.ok(name.length <= 24, name);
        }
      });
    });
  }

  it("spreads production over three zones and development over two", () => {
    const zones = (plan: PlanUnderTest) => (plan.one("awsx:ec2:Vpc").inputs.availabilityZoneNames as string[]).length;
    assert.deepEqual([zones(prod), zones(dev)], [3, 2]);
  });

  it("builds nothing with a pinned image, and pulls from its repository only", async () => {
    const image = `999999999999.dkr.ecr.us-east-1.amazonaws.com/team/model@${digest}`;
    const plan = await declaredStack("dev", { image });
    assert.deepEqual(plan.all("docker-build:index:Image"), []);
    assert.equal(plan.container().image, image);
    const pull = plan.statements().find(({ Action }) => Action.includes("ecr:BatchGetImage"));
    assert.deepEqual(pull?.Resource, ["arn:aws:ecr:us-east-1:999999999999:repository/team/model"]);
  });

  it("sets the permissions boundary on every role, and none without the key", async () => {
    const boundariesOf = (plan: PlanUnderTest) =>
      plan.all("aws:iam/role:Role").map(({ inputs }) => inputs.permissionsBoundary);
    const permissionsBoundary = "arn:aws:iam::123456789012:policy/boundary";
    const both = await declaredStack("dev", { target: "both", permissionsBoundary });
    assert.deepEqual(boundariesOf(both), new Array(4).fill(permissionsBoundary));
    assert.deepEqual(boundariesOf(dev), [undefined, undefined]);
  });

  it("declares no network resources with an existing network", async () => {
    const network = {
      vpcId: "vpc-0123abcd",
      publicSubnetIds: ["subnet-0000000a", "subnet-0000000b"],
      privateSubnetIds: ["subnet-0000000c", "subnet-0000000d"],
    };
    const plan = await declaredStack("dev", { network });
    assert.deepEqual(plan.all("awsx:ec2:Vpc"), []);
    assert.deepEqual(plan.one("aws:lb/loadBalancer:LoadBalancer").inputs.subnets, network.publicSubnetIds);
    const { subnets } = plan.one(service).inputs.networkConfiguration as { subnets: string[] };
    assert.deepEqual(subnets, network.privateSubnetIds);
  });

  it("needs no account for the local stack", async () => {
    const plan = await declaredStack("local");
    assert.deepEqual(
      plan.plan.resources.filter(({ type }) => type.startsWith("aws")),
      [],
    );
    const url = "http://127.0.0.1:8080";
    const { imageDigest, ...others } = plan.outputs;
    assert.deepEqual(others, { target: "local", url, urls: { local: url } });
    assert.match(String(imageDigest), /^sha256:[0-9a-f]{64}$/);
  });
});
