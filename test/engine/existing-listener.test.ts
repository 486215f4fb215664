import assert from "node:assert/strict";
import { recordsIn, stringsIn } from "../fakes/values";
import { deployment, Flips, rule, service } from "./support/flips";
import type { Sandbox } from "./support/sandbox";
import { succeeds } from "./support/succeeds";
import { describeWithEngine } from "./support/suite";

const balancer = "aws:lb/loadBalancer:LoadBalancer";
const listener = "aws:lb/listener:Listener";
const group = "aws:lb/targetGroup:TargetGroup";
const ingress = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
const egress = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule";

const vpcId = "vpc-0123abcd";
const network = { vpcId, publicSubnetIds: [], privateSubnetIds: ["subnet-0000000c", "subnet-0000000d"] };
const elb = "arn:aws:elasticloadbalancing:us-east-1:123456789012";
const shared = "app/shared/0123456789abcdef";
const listenerArn = `${elb}:listener/${shared}/0123456789abcdef`;
const plainArn = `${elb}:listener/${shared}/fedcba9876543210`;
const distant = "app/distant/0123456789abcdef";
const distantArn = `${elb}:listener/${distant}/0123456789abcdef`;
const groups = ["sg-0123456789abcdef0", "sg-0123456789abcdef1"];
const strangersGroup = `${elb}:targetgroup/cats/0123456789abcdef`;

const gateway = { listenerArn, priority: 3000, host: "cats.example.com" };

/** What another team has: a load balancer with two listeners, and a service behind each. */
function addOthers(sandbox: Sandbox): void {
  const { account } = sandbox;
  const subnets = ["subnet-0000000a", "subnet-0000000b"];
  const dnsName = (name: string) => `${name}-1234567890.us-east-1.elb.amazonaws.com`;
  for (const [name, vpc] of [
    [shared, vpcId],
    [distant, "vpc-0fedcba9"],
  ] as const) {
    const inputs = { subnets, securityGroups: groups, loadBalancerType: "application" };
    const outputs = { arnSuffix: name, dnsName: dnsName("shared"), vpcId: vpc };
    account.add(balancer, name, `${elb}:loadbalancer/${name}`, inputs, outputs);
  }
  const defaultActions = [{ type: "forward", targetGroupArn: strangersGroup }];
  const add = (arn: string, of: string, protocol: string, port: number) =>
    account.add(listener, arn, arn, {
      loadBalancerArn: `${elb}:loadbalancer/${of}`,
      port,
      protocol,
      defaultActions,
    });
  add(listenerArn, shared, "HTTPS", 443);
  add(plainArn, shared, "HTTP", 80);
  add(distantArn, distant, "HTTPS", 443);
  for (const [name, arn, priority] of [
    ["dogs", listenerArn, 2000],
    // At the priority of the stack's public rule, on another listener.
    ["birds", plainArn, 3973],
  ] as const) {
    const actions = [{ type: "forward", forward: { targetGroups: [{ arn: strangersGroup, weight: 1 }] } }];
    const conditions = [{ hostHeader: { values: [`${name}.example.com`] } }];
    account.add(rule, name, `${arn.replace(":listener/", ":listener-rule/")}/0123456789abcdef`, {
      listenerArn: arn,
      priority,
      actions,
      conditions,
    });
  }
  account.add(ingress, "everyone", "sgr-0123456789abcdef0", {
    securityGroupId: groups[1],
    cidrIpv4: "0.0.0.0/0",
    ipProtocol: "tcp",
    fromPort: 443,
    toPort: 443,
  });
}

describeWithEngine("A listener that other services share", (open) => {
  let sandbox: Sandbox;
  let flips: Flips;
  let others: unknown;

  const ofOthers = () => sandbox.account.held().filter(({ urn }) => urn.includes("::others::"));
  const own = (type: string) => sandbox.account.of(type).filter(({ urn }) => !urn.includes("::others::"));

  before(async () => {
    sandbox = await open();
    flips = new Flips(sandbox);
    addOthers(sandbox);
    others = ofOthers();
    await sandbox.createStack("dev", { "inference:network": network, "inference:gateway": gateway });
  });

  async function assertRefused(keys: Readonly<Record<string, unknown>>, expected: RegExp): Promise<void> {
    sandbox.configure("dev", keys);
    const mark = sandbox.mark();
    const { code, output } = await sandbox.up();
    sandbox.configure("dev", { "inference:gateway": gateway, "inference:apiKeys": undefined });
    assert.equal(code, 1, output);
    assert.match(output, expected);
    assert.deepEqual(sandbox.changesSince(mark), []);
  }

  const onListener = (keys: Readonly<Record<string, unknown>>) => ({ "inference:gateway": { ...gateway, ...keys } });

  it("preflight refuses a listener of another VPC, and nothing is created", async () => {
    await assertRefused(
      onListener({ listenerArn: distantArn }),
      /gateway\.listenerArn is "arn:.*"; expected a listener of a load balancer in vpc-0123abcd, the stack's VPC; this one is in vpc-0fedcba9/,
    );
    await assertRefused(
      onListener({ listenerArn: listenerArn.replace(/[0-9a-f]{16}$/, "0000000000000000") }),
      /gateway\.listenerArn is "arn:.*"; expected a listener that exists in us-east-1/,
    );
  });

  it("preflight refuses priorities in use, and suggests free ones", async () => {
    await assertRefused(
      onListener({ priority: 1500 }),
      /gateway\.priority is 1500; expected the first of 1000 priorities without rules of other services, such as 1000; 2000 in its block is taken/,
    );
  });

  it("preflight refuses API keys over plain HTTP", async () => {
    await assertRefused(
      {
        ...onListener({ listenerArn: plainArn, priority: 5000 }),
        "inference:apiKeys": "arn:aws:secretsmanager:us-east-1:123456789012:secret:keys-AbCdEf",
      },
      /gateway\.listenerArn is "arn:.*"; expected an HTTPS listener with apiKeys/,
    );
  });

  it("the stack creates rules and target groups, and no load balancer", async () => {
    succeeds(await sandbox.up());
    for (const type of [balancer, listener, "aws:route53/record:Record", "aws:s3/bucket:Bucket"])
      assert.deepEqual(own(type), [], type);
    const rules = own(rule);
    assert.equal(rules.length, 3);
    for (const { inputs } of rules) {
      assert.equal(inputs.listenerArn, listenerArn);
      const priority = Number(inputs.priority);
      assert.ok(priority >= 3000 && priority < 4000, String(priority));
      const hosts = recordsIn(inputs.conditions).flatMap(({ hostHeader }) => stringsIn(hostHeader));
      assert.deepEqual(hosts, ["cats.example.com"]);
    }
    const { url, dashboardUrl } = await sandbox.outputs();
    assert.equal(url, "https://cats.example.com");
    assert.ok(dashboardUrl);
  });

  it("the tasks admit every group of the load balancer, and one of them may call the tasks", () => {
    const admitted = own(ingress).map(({ inputs }) => inputs.referencedSecurityGroupId);
    assert.deepEqual(admitted.sort(), groups);
    const opened = own(egress).map(({ inputs }) => inputs.securityGroupId);
    assert.deepEqual(
      opened.filter((id) => groups.includes(String(id))),
      groups.slice(0, 1),
    );
  });

  it("no alarm is on the load balancer itself, and the uptime check requests the URL", () => {
    const alarms = own("aws:cloudwatch/metricAlarm:MetricAlarm").map(({ name }) => name);
    assert.deepEqual(
      alarms.filter((name) => name.includes("load-balancer")),
      [],
    );
    assert.ok(alarms.includes("inference-ecs-too-few-healthy"));
    const [check] = own("aws:route53/healthCheck:HealthCheck");
    const { fqdn, port, resourcePath } = check?.inputs ?? {};
    assert.deepEqual([fqdn, port, resourcePath], ["cats.example.com", 443, "/health"]);
  });

  it("a second update changes nothing", async () => {
    succeeds(await sandbox.up("--expect-no-changes"));
  });

  it("preflight refuses to move the running stack to another listener or to a load balancer of its own", async () => {
    await assertRefused(
      onListener({ listenerArn: plainArn, priority: 5000 }),
      /gateway\.listenerArn is "arn:.*fedcba9876543210"; expected arn:.*, the listener of the running stack\. Callers would lose the URL/,
    );
    await assertRefused(
      {
        "inference:gateway": undefined,
        "inference:network": { ...network, publicSubnetIds: ["subnet-0000000a", "subnet-0000000b"] },
      },
      /gateway\.listenerArn is missing; expected arn:.*, the listener of the running stack/,
    );
    sandbox.configure("dev", { "inference:network": network });
  });

  it("a flip to EKS moves the traffic on the same listener, and back", async () => {
    flips.scale(service, { desiredCount: 4 });
    const there = succeeds(await flips.to("eks"));
    flips.assertOrder(there.mark, deployment, service);
    assert.equal(own(group).length, 1);
    assert.equal((await sandbox.outputs()).url, "https://cats.example.com");
    const [policy] = own("kubernetes:networking.k8s.io/v1:NetworkPolicy").slice(-1);
    assert.ok(stringsIn(policy?.inputs).includes("10.0.128.0/21"), "the subnets of the shared load balancer");
    const back = succeeds(await flips.to("ecs"));
    flips.assertOrder(back.mark, service, deployment);
  });

  it("destroy leaves the listener, its default action and the rules of others as they were", async () => {
    succeeds(await sandbox.pulumi("destroy", "--yes", "--skip-preview", "--suppress-progress"));
    const left = sandbox.account.held().filter(({ urn }) => !urn.includes("::others::"));
    assert.deepEqual([...new Set(left.map(({ type }) => type))], ["docker-build:index:Image"]);
    assert.deepEqual(ofOthers(), others);
  });
});
