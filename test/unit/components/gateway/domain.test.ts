import assert from "node:assert/strict";
import { awaitCaches } from "../../../../components/gateway/domain";
import { gateway } from "../../support/gateway-program";
import type { PlanUnderTest } from "../../support/plan-under-test";

const listener = "aws:lb/listener:Listener";
const rule = "aws:lb/listenerRule:ListenerRule";
const record = "aws:route53/record:Record";
const certificate = "aws:acm/certificate:Certificate";
const domain = { name: "api.example.com", zoneId: "Z1" };

describe("Gateway with a domain", () => {
  let plan: PlanUnderTest;
  before(async () => {
    plan = await gateway({ ecs: 100 }, { domain });
  });

  it("is the parent of all its resources", () => {
    for (const part of plan.plan.resources.filter(({ type }) => /^aws:(acm|route53|lb|vpc)/.test(type))) {
      const others: Readonly<Record<string, string>> = {
        "inference-public": "Traffic",
        "inference-ecs": "VariantRoute",
        "inference-ecs-header": "VariantRoute",
      };
      assert.equal(plan.parentOf(part), `inference:aws:${others[part.name] ?? "Gateway"}`, part.name);
    }
  });

  it("serves HTTPS with an explicit TLS policy and HSTS for a year", () => {
    const { inputs } = plan.one(listener, "inference-https");
    assert.deepEqual(
      [inputs.port, inputs.protocol, inputs.sslPolicy],
      [443, "HTTPS", "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"],
    );
    assert.equal(inputs.routingHttpResponseStrictTransportSecurityHeaderValue, "max-age=31536000");
  });

  it("only redirects plain HTTP to HTTPS", () => {
    const { inputs } = plan.one(listener, "inference-http");
    assert.deepEqual(
      [inputs.port, inputs.protocol, inputs.defaultActions],
      [80, "HTTP", [{ type: "redirect", redirect: { port: "443", protocol: "HTTPS", statusCode: "HTTP_301" } }]],
    );
    const { arn } = { arn: "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/inference-https" };
    for (const { name, inputs: of } of plan.all(rule)) assert.ok(String(of.listenerArn).startsWith(arn), name);
  });

  it("creates the listener once the certificate is validated, not only requested", () => {
    const https = plan.one(listener, "inference-https");
    const validation = plan.one("aws:acm/certificateValidation:CertificateValidation");
    assert.ok(plan.dependsOn(https, validation));
    assert.ok(plan.dependsOn(validation, plan.one(record, "inference-validation")));
    assert.deepEqual(validation.options.customTimeouts.create, "20m");
  });

  it("validates the name by the record of ACM, which another stack may have created", () => {
    const { inputs } = plan.one(record, "inference-validation");
    assert.deepEqual(inputs, {
      zoneId: "Z1",
      name: "_proof.api.example.com.",
      type: "CNAME",
      records: ["_proof.acm-validations.aws."],
      ttl: 60,
      allowOverwrite: true,
    });
    assert.equal(plan.one(certificate).inputs.validationMethod, "DNS");
  });

  it("points the name to the load balancer, and outputs the URL once the record exists", () => {
    const { inputs } = plan.one(record, "inference");
    assert.deepEqual([inputs.name, inputs.type, inputs.zoneId], ["api.example.com", "A", "Z1"]);
    const [alias] = inputs.aliases as { name: string }[];
    assert.equal(alias?.name, "inference-1234567890.eu-west-1.elb.amazonaws.com");
    assert.equal(plan.outputs.url, "https://api.example.com");
  });

  it("points the name to the load balancer only once the public rule exists", () => {
    assert.ok(plan.dependsOn(plan.one(record, "inference"), plan.one(rule, "inference-public")));
    assert.equal(plan.one(record, "inference").options.hooks.afterUpdate?.length, 1);
  });

  it("allows ingressCidrs on both ports", () => {
    const open = plan.all("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule");
    assert.deepEqual(
      open.map(({ name, inputs }) => [name, inputs.fromPort, inputs.toPort, inputs.cidrIpv4]),
      [
        ["inference-http-0-0-0-0-0", 80, 80, "0.0.0.0/0"],
        ["inference-https-0-0-0-0-0", 443, 443, "0.0.0.0/0"],
      ],
    );
  });

  it("prints no warning", () => assert.deepEqual(plan.said("warning"), []));
});

describe("Gateway with dualstack", () => {
  const dualstack = { dualstack: true, ingressCidrs: ["0.0.0.0/0", "2001:db8::/32"] };

  it("has IPv4 and IPv6 addresses, and an alias for each", async () => {
    const plan = await gateway({ ecs: 100 }, { ...dualstack, domain });
    assert.equal(plan.one("aws:lb/loadBalancer:LoadBalancer").inputs.ipAddressType, "dualstack");
    const aliases = plan.all(record).filter(({ inputs }) => inputs.aliases);
    assert.deepEqual(
      aliases.map(({ name, inputs }) => [name, inputs.type, inputs.name]),
      [
        ["inference", "A", "api.example.com"],
        ["inference-ipv6", "AAAA", "api.example.com"],
      ],
    );
    assert.deepEqual(aliases[0]?.inputs.aliases, aliases[1]?.inputs.aliases);
  });

  it("allows IPv4 and IPv6 blocks", async () => {
    const plan = await gateway({ ecs: 100 }, dualstack);
    assert.deepEqual(
      plan
        .all("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
        .map(({ name, inputs }) => [name, inputs.cidrIpv4, inputs.cidrIpv6]),
      [
        ["inference-http-0-0-0-0-0", "0.0.0.0/0", undefined],
        ["inference-http-2001-db8---32", undefined, "2001:db8::/32"],
      ],
    );
  });

  it("has only an IPv4 alias without dualstack: an IPv6 alias would have no address", async () => {
    const plan = await gateway({ ecs: 100 }, { domain });
    assert.equal(plan.one("aws:lb/loadBalancer:LoadBalancer").inputs.ipAddressType, undefined);
    assert.deepEqual(
      plan.all(record).filter(({ inputs }) => inputs.type === "AAAA"),
      [],
    );
  });
});

describe("awaitCaches", () => {
  const waited = async (before: string, after: string) => {
    const seconds: number[] = [];
    const hook = awaitCaches(async (each) => void seconds.push(each));
    const [oldInputs, newInputs] = [before, after].map((name) => ({ aliases: [{ name }] }));
    await hook({ urn: "", id: "", name: "", type: "", oldInputs, newInputs });
    return seconds;
  };

  it("waits as long as resolvers may return the old load balancer", async () =>
    assert.deepEqual(await waited("old", "new"), [60]));

  it("does not wait when the record points to the same load balancer", async () =>
    assert.deepEqual(await waited("old", "old"), []));
});
