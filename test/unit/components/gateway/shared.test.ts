import assert from "node:assert/strict";
import type { ExistingListener } from "../../../../components/gateway/args";
import { gateway } from "../../support/gateway-program";
import { declaredStack } from "../../support/mock-cloud";
import type { PlanUnderTest } from "../../support/plan-under-test";

const rule = "aws:lb/listenerRule:ListenerRule";
const group = "aws:lb/targetGroup:TargetGroup";

const listener: ExistingListener = {
  arn: "arn:of:the:listener",
  protocol: "HTTPS",
  port: 443,
  priority: 3000,
  host: "cats.example.com",
  loadBalancer: { arnSuffix: "app/shared/1", dnsName: "shared.elb.amazonaws.com", securityGroupIds: ["sg-1"] },
};
const { host: _, ...anyHost } = listener;

const onListener = (own: Partial<ExistingListener> = {}, args: object = {}) =>
  gateway({ ecs: 100 }, { listener: { ...listener, ...own }, ...args });

const conditionsOf = (plan: PlanUnderTest) =>
  Object.fromEntries(plan.all(rule).map(({ name, inputs }) => [name.replace("inference-", ""), inputs.conditions]));

const host = { hostHeader: { values: ["cats.example.com"] } };
const paths = (...values: string[]) => ({ pathPattern: { values } });
const header = { httpHeader: { httpHeaderName: "x-variant", values: ["ecs"] } };
const auth = { jwt: { issuer: "id", jwksUri: "https://id.example.com/keys", claims: {} } };

describe("Gateway on a listener of somebody else", () => {
  it("creates rules and target groups only", async () => {
    const plan = await onListener({}, { waf: { mode: "block", requestsPerFiveMinutes: 2000, bodyMiB: 10 }, auth });
    const types = plan.plan.resources.map(({ type }) => type).filter((type) => type.startsWith("aws:"));
    assert.deepEqual([...new Set(types)].sort(), ["aws:cloudwatch/logGroup:LogGroup", rule, group]);
    for (const { inputs } of plan.all(rule)) assert.equal(inputs.listenerArn, listener.arn);
  });

  it("replaces a target group when the listener is one of another load balancer, which AWS would refuse it", async () => {
    const triggerOn = async (arnSuffix: string) =>
      (await onListener({ loadBalancer: { ...listener.loadBalancer, arnSuffix } })).one(group).options
        .replacementTrigger;
    assert.deepEqual(await triggerOn("app/shared/1"), ["app/shared/1", "ecs", "/ready"]);
    assert.deepEqual(await triggerOn("app/other/2"), ["app/other/2", "ecs", "/ready"]);
  });

  it("limits every rule to the host, and keeps the rules within the block", async () => {
    const plan = await onListener({}, { auth });
    assert.deepEqual(conditionsOf(plan), {
      hidden: [host, paths("/metrics", "/ready", "/ping")],
      "ecs-header": [host, header],
      health: [host, paths("/health")],
      public: [host, paths("/*")],
    });
    assert.deepEqual(
      plan
        .all(rule)
        .map(({ inputs }) => inputs.priority)
        .sort(),
      [3000, 3001, 3131, 3973],
    );
  });

  it("limits every rule to the path and what is below it", async () => {
    const plan = await gateway({ ecs: 100 }, { listener: { ...anyHost, path: "/cats" }, auth });
    assert.deepEqual(conditionsOf(plan), {
      hidden: [paths("/cats/metrics", "/cats/ready", "/cats/ping")],
      "ecs-header": [paths("/cats", "/cats/*"), header],
      health: [paths("/cats/health")],
      public: [paths("/cats", "/cats/*")],
    });
  });

  it("has the URL of the listener, of its host and of its path", async () => {
    const urls: unknown[] = [];
    for (const own of [{}, { path: "/cats" }, { port: 8443 }, { protocol: "HTTP", port: 80 } as const])
      urls.push((await onListener(own)).outputs.url);
    urls.push((await gateway({ ecs: 100 }, { listener: { ...anyHost, path: "/cats" } })).outputs.url);
    assert.deepEqual(urls, [
      "https://cats.example.com",
      "https://cats.example.com/cats",
      "https://cats.example.com:8443",
      "http://cats.example.com",
      "https://shared.elb.amazonaws.com/cats",
    ]);
  });

  it("warns of plain HTTP by the listener's protocol, not by the domain", async () => {
    assert.deepEqual((await onListener()).said("warning"), []);
    assert.deepEqual((await onListener({ protocol: "HTTP", port: 80 })).said("warning"), [
      "the listener is not HTTPS, so requests travel over plain HTTP: send nothing confidential",
    ]);
  });
});

describe("A stack on a listener of somebody else", () => {
  const network = {
    vpcId: "vpc-0123abcd",
    publicSubnetIds: [],
    privateSubnetIds: ["subnet-0000000c", "subnet-0000000d"],
  };
  const arn =
    "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/shared/0123456789abcdef/fedcba9876543210";
  const stack = (own: object = {}) =>
    declaredStack("dev", { network, gateway: { listenerArn: arn, priority: 3000, host: "cats.example.com", ...own } });
  let plan: PlanUnderTest;
  before(async () => {
    plan = await stack();
  });

  it("names its pages by the listener and the block, which no other stack has", () => {
    const pages = plan.all("aws:cloudwatch/compositeAlarm:CompositeAlarm").map(({ inputs }) => inputs.alarmName);
    assert.ok(pages.includes("inference-ecs-dev-page-fedcba9876543210-3000"), String(pages));
    assert.equal(
      pages.some((name) => String(name).includes("load-balancer")),
      false,
    );
  });

  it("draws no errors of the load balancer, which are also those of other services", async () => {
    const body = (of: PlanUnderTest) => String(of.one("aws:cloudwatch/dashboard:Dashboard").inputs.dashboardBody);
    assert.doesNotMatch(body(plan), /Errors of the load balancer/);
    assert.match(body(plan), /Healthy replicas/);
    assert.match(body(await declaredStack("dev")), /Errors of the load balancer/);
  });

  it("requests its URL below the path, if the load balancer is open to everyone and the host is known", async () => {
    const check = "aws:route53/healthCheck:HealthCheck";
    assert.equal((await stack({ path: "/cats" })).one(check).inputs.resourcePath, "/cats/health");
    assert.deepEqual((await stack({ host: undefined, path: "/cats" })).all(check), []);
  });

  it("has no price of the load balancer", () => {
    const { monthlyUsd } = plan.outputs as { monthlyUsd: { atMinimum: { shared: number } } };
    assert.ok(monthlyUsd.atMinimum.shared < 10, JSON.stringify(monthlyUsd));
  });
});
