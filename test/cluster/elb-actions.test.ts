import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DeleteListenerCommand,
  DeregisterTargetsCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  ModifyListenerCommand,
  ModifyLoadBalancerAttributesCommand,
  ModifyRuleCommand,
  ModifyTargetGroupAttributesCommand,
  RegisterTargetsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { Emulator, emulatorIsMissing } from "../emulator/support/emulator";
import { clientOf, sendRequest } from "../emulator/support/endpoint";
import { forwardTo, onHeader } from "./support/fake-elb-api";
import { FakeTarget } from "./support/fake-target";
import { elbActions, LoadBalancer } from "./support/load-balancer";

const missing = emulatorIsMissing();

/** Every call goes as an SDK client makes it, through the proxy, to the real emulator. */
(missing ? describe.skip : describe)(`elbActions${missing ? ` [skipped: ${missing}]` : ""}`, function () {
  this.timeout(240_000);
  const stops: (() => unknown)[] = [];
  let emulator: Emulator;
  let balancer: LoadBalancer;
  let elb: ElasticLoadBalancingV2Client;
  let one: FakeTarget;
  let balancerArn: string;
  let group: string;

  before(async () => {
    emulator = await Emulator.start(async ({ client }) => {
      balancer = await LoadBalancer.start(new ElasticLoadBalancingV2Client(client));
      stops.push(() => balancer.stop());
      return { elbv2: elbActions(balancer) };
    });
    stops.push(emulator.stop);
    elb = new ElasticLoadBalancingV2Client(clientOf(emulator.urlOf("elbv2")));
    one = await FakeTarget.start("one");
    stops.push(() => one.stop());
  });
  after(async () => {
    for (const stop of stops.reverse()) await stop();
  });

  const health = async (Targets?: { Id: string; Port?: number }[]) => {
    const answer = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: group, Targets }));
    return (answer.TargetHealthDescriptions ?? []).map(({ Target, TargetHealth }) => [
      Target?.Id,
      Target?.Port,
      TargetHealth?.State,
      TargetHealth?.Reason,
    ]);
  };

  const body = async (path = "/", headers: Record<string, string> = {}) =>
    (await fetch(balancer.url + path, { headers })).text();

  /** The emulator may be slow on a busy machine; load-balancer/changes.test.ts checks how soon a change applies. */
  const until = async (what: string, question: () => Promise<boolean>) => {
    for (const end = Date.now() + 10_000; !(await question()); await sleep(20)) {
      if (Date.now() > end) throw new Error(`not within 10 s: ${what}`);
    }
  };
  const answers = (expected: string, headers?: Record<string, string>) =>
    until(`answers "${expected}"`, async () => (await body("/", headers)).includes(expected));

  it("put the load balancer's own address in place of its DNS name", async () => {
    const subnets = await subnetsOf(emulator);
    const created = await elb.send(new CreateLoadBalancerCommand({ Name: "own", Subnets: subnets.ids }));
    const described = await elb.send(new DescribeLoadBalancersCommand({}));
    const names = [created, described].map(({ LoadBalancers = [] }) => LoadBalancers[0]?.DNSName);
    assert.deepEqual(names, Array(2).fill(new URL(balancer.url).host));
    balancerArn = created.LoadBalancers?.[0]?.LoadBalancerArn ?? "";
    const { TargetGroups } = await elb.send(
      new CreateTargetGroupCommand({
        Name: "blue",
        Protocol: "HTTP",
        Port: one.address.port,
        TargetType: "ip",
        VpcId: subnets.vpc,
        HealthCheckPath: "/health",
        HealthCheckIntervalSeconds: 5,
        HealthCheckTimeoutSeconds: 2,
      }),
    );
    group = TargetGroups?.[0]?.TargetGroupArn ?? "";
  });

  it("register targets with the load balancer, and describe its health", async () => {
    const Targets = [{ Id: one.address.ip }];
    await elb.send(new RegisterTargetsCommand({ TargetGroupArn: group, Targets }));
    assert.deepEqual(await health(), [[one.address.ip, one.address.port, "unused", "Target.NotInUse"]]);
    assert.deepEqual(await health([{ Id: "10.0.0.9", Port: 80 }]), [
      ["10.0.0.9", 80, "unused", "Target.NotRegistered"],
    ]);
    const gone = { TargetGroupArn: `${group}9` };
    await assert.rejects(elb.send(new DescribeTargetHealthCommand(gone)), { name: "TargetGroupNotFoundException" });
    await assert.rejects(elb.send(new RegisterTargetsCommand({ ...gone, Targets })), /target groups not found/i);
  });

  it("make the load balancer read what was changed", async () => {
    const { Listeners } = await elb.send(
      new CreateListenerCommand({
        LoadBalancerArn: balancerArn,
        Protocol: "HTTP",
        Port: 80,
        DefaultActions: [saying("none")],
      }),
    );
    await answers("none");
    const ListenerArn = Listeners?.[0]?.ListenerArn ?? "";
    const headers = { "x-variant": "blue" };
    const { Rules } = await elb.send(
      new CreateRuleCommand({
        ListenerArn,
        Priority: 10,
        Conditions: [onHeader("x-variant", "blue")],
        Actions: [forwardTo({ [group]: 1 })],
      }),
    );
    await until("the target is healthy", async () => (await health())[0]?.[2] === "healthy");
    await answers("one", headers);
    assert.equal(await body("/"), "none");
    const RuleArn = Rules?.[0]?.RuleArn ?? "";
    await elb.send(new ModifyRuleCommand({ RuleArn, Actions: [forwardTo({ [group]: 0 })] }));
    await answers("503 Service Unavailable", headers);
    await elb.send(new ModifyRuleCommand({ RuleArn, Actions: [forwardTo({ [group]: 5 })] }));
    await answers("one", headers);
  });

  it("drain deregistered targets for the group's delay", async () => {
    const Attributes = [{ Key: "deregistration_delay.timeout_seconds", Value: "3" }];
    await elb.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn: group, Attributes }));
    const LoadBalancerArn = balancerArn;
    const idle = [{ Key: "idle_timeout.timeout_seconds", Value: "30" }];
    await elb.send(new ModifyLoadBalancerAttributesCommand({ LoadBalancerArn, Attributes: idle }));
    // Once the last of these changes is seen, the load balancer has read them all.
    const { Listeners } = await elb.send(new DescribeListenersCommand({ LoadBalancerArn }));
    const ListenerArn = Listeners?.[0]?.ListenerArn;
    await elb.send(new ModifyListenerCommand({ ListenerArn, DefaultActions: [saying("changed")] }));
    await answers("changed");
    const began = Date.now();
    const Targets = [{ Id: one.address.ip, Port: one.address.port }];
    await elb.send(new DeregisterTargetsCommand({ TargetGroupArn: group, Targets }));
    assert.deepEqual(
      (await health()).map(([, , state]) => state),
      ["draining"],
    );
    await until("the target is gone", async () => (await health()).length === 0);
    assert.ok(Date.now() - began >= 3000, `gone after ${Date.now() - began} ms`);
    assert.deepEqual(
      (await health(Targets)).map(([, , state]) => state),
      ["unused"],
    );
    // AWS answers success for a target that is not registered.
    await elb.send(new DeregisterTargetsCommand({ TargetGroupArn: group, Targets }));
  });

  it("follow the deletion of the listener", async () => {
    const { Listeners } = await elb.send(new DescribeListenersCommand({ LoadBalancerArn: balancerArn }));
    await elb.send(new DeleteListenerCommand({ ListenerArn: Listeners?.[0]?.ListenerArn }));
    await answers("503 Service Unavailable");
  });
});

const saying = (MessageBody: string) => ({
  Type: "fixed-response" as const,
  FixedResponseConfig: { StatusCode: "404", MessageBody },
});

const formOf = (action: string, version = "2015-12-01") => ({
  headers: { "content-type": "application/x-www-form-urlencoded" },
  body: `Version=${version}&Action=${action}`,
});

/** Two subnets of the default VPC. */
async function subnetsOf(emulator: Emulator) {
  const text = await sendRequest(emulator, "ec2", formOf("DescribeSubnets", "2016-11-15"));
  const ids = [...new Set(text.match(/subnet-[0-9a-f]+/g))].slice(0, 2);
  return { ids, vpc: /vpc-[0-9a-f]+/.exec(text)?.[0] };
}
