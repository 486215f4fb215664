import assert from "node:assert/strict";
import type { MockCallArgs } from "@pulumi/pulumi/runtime";
import { type Cloud, paperCloud } from "../../../tools/offline/cloud";
import { gateway } from "../../support/gateway-program";
import { declaredStack } from "../../support/mock-cloud";
import type { PlanUnderTest } from "../../support/plan-under-test";

const listener = "aws:lb/listener:Listener";
const rule = "aws:lb/listenerRule:ListenerRule";
const record = "aws:route53/record:Record";
const certificate = "aws:acm/certificate:Certificate";
const domain = { name: "api.example.com", zoneId: "Z1" };
const certificateArn = "arn:aws:acm:us-east-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef";

describe("A gateway with a domain", () => {
  let plan: PlanUnderTest;
  before(async () => {
    plan = await gateway({ ecs: 100 }, { domain });
  });

  it("has all its parts below itself", () => {
    for (const part of plan.plan.resources.filter(({ type }) => /^aws:(acm|route53|lb|vpc)/.test(type))) {
      assert.equal(plan.parentOf(part), "inference:aws:Gateway", part.name);
    }
  });

  it("answers on HTTPS, with a policy that is named and HSTS for a year", () => {
    const { inputs } = plan.one(listener, "inference-https");
    assert.deepEqual(
      [inputs.port, inputs.protocol, inputs.sslPolicy],
      [443, "HTTPS", "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"],
    );
    assert.equal(inputs.routingHttpResponseStrictTransportSecurityHeaderValue, "max-age=31536000");
  });

  it("answers plain HTTP with the way to HTTPS and nothing else", () => {
    const { inputs } = plan.one(listener, "inference-http");
    assert.deepEqual(
      [inputs.port, inputs.protocol, inputs.defaultActions],
      [80, "HTTP", [{ type: "redirect", redirect: { port: "443", protocol: "HTTPS", statusCode: "HTTP_301" } }]],
    );
    const { arn } = { arn: "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/inference-https" };
    for (const { name, inputs: of } of plan.all(rule)) assert.ok(String(of.listenerArn).startsWith(arn), name);
  });

  it("listens once its certificate is validated, not merely requested", () => {
    const https = plan.one(listener, "inference-https");
    const validation = plan.one("aws:acm/certificateValidation:CertificateValidation");
    assert.ok(plan.dependsOn(https, validation));
    assert.ok(plan.dependsOn(validation, plan.one(record, "inference-validation")));
    assert.deepEqual(validation.options.customTimeouts.create, "20m");
  });

  it("proves the name by the record that ACM asks for, which another stack may have written", () => {
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

  it("points the name at the load balancer, and answers under it once it does", () => {
    const { inputs } = plan.one(record, "inference");
    assert.deepEqual([inputs.name, inputs.type, inputs.zoneId], ["api.example.com", "A", "Z1"]);
    const [alias] = inputs.aliases as { name: string }[];
    assert.equal(alias?.name, "inference-1234567890.eu-west-1.elb.amazonaws.com");
    assert.equal(plan.outputs.url, "https://api.example.com");
  });

  it("lets the given blocks in on both ports", () => {
    const open = plan.all("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule");
    assert.deepEqual(
      open.map(({ name, inputs }) => [name, inputs.fromPort, inputs.toPort, inputs.cidrIpv4]),
      [
        ["inference-http-0-0-0-0-0", 80, 80, "0.0.0.0/0"],
        ["inference-https-0-0-0-0-0", 443, 443, "0.0.0.0/0"],
      ],
    );
  });

  it("warns of nothing", () => assert.deepEqual(plan.said("warning"), []));
});

/** What a person reads on a stack with the domain, in an account that answers so; the first resource comes after that. */
async function told(domain: Record<string, unknown>, { create, call }: Partial<Cloud>): Promise<string> {
  const made: string[] = [];
  const paper = paperCloud("us-east-1");
  const cloud: Cloud = {
    create(args) {
      if (args.custom && !args.id) made.push(args.name);
      return (create ?? paper.create)(args);
    },
    call: (args) => (call ?? paper.call)(args),
  };
  const message = await declaredStack("dev", { domain }, cloud).then(
    () => "",
    (error: Error) => error.message,
  );
  assert.deepEqual(made, []);
  return message;
}

describe("A given certificate", () => {
  /** An account that holds it under these names. */
  const held = (names: string[], status = "ISSUED") => {
    const [domainName] = names;
    return { create: () => ({ id: certificateArn, state: { domainName, subjectAlternativeNames: names, status } }) };
  };
  const wanted = { name: "api.example.com", zone: "example.com", certificateArn };

  it("is used as it is", async () => {
    const plan = await declaredStack("dev", { domain: wanted });
    assert.equal(plan.one(listener, "inference-https").inputs.certificateArn, certificateArn);
    assert.deepEqual(plan.all("aws:acm/certificateValidation:CertificateValidation"), []);
    assert.deepEqual(plan.names(record), ["inference"]);
  });

  it("is told before the first resource when it is for another name, or a wildcard that does not reach", async () => {
    for (const names of [["example.com"], ["*.api.example.com"], ["*.com", "other.example.com"]]) {
      assert.equal(
        await told(wanted, held(names)),
        `Configuration of stack dev: 1 problem\n  domain.certificateArn is "${certificateArn}"; expected a certificate for api.example.com; that one is for ${names.join(", ")}`,
      );
    }
  });

  it("is told before the first resource when it is a wildcard and the name its apex", async () =>
    assert.match(
      await told({ ...wanted, name: "example.com" }, held(["*.example.com"])),
      /a certificate for example\.com; that one is for \*\.example\.com$/,
    ));

  it("is told before the first resource while it is not issued", async () =>
    assert.match(
      await told(wanted, held(["api.example.com"], "PENDING_VALIDATION")),
      /expected an issued certificate; that one is PENDING_VALIDATION$/,
    ));
});

describe("A domain's zone", () => {
  /** An account whose answer to the question is this. */
  const answering = (zone: Record<string, unknown> | Error) => ({
    call: (args: MockCallArgs) => {
      if (!args.token.includes("getZone")) return paperCloud("us-east-1").call(args);
      if (zone instanceof Error) throw zone;
      return zone;
    },
  });

  it("that does not hold the name is told before the first resource", async () =>
    assert.equal(
      await told(
        { name: "api.example.com", zoneId: "Z1" },
        answering({ name: "example.org.", zoneId: "Z1", privateZone: false }),
      ),
      'Configuration of stack dev: 1 problem\n  domain.zoneId is "Z1"; expected a public zone that holds api.example.com; that one is example.org',
    ));

  it("that is private is told before the first resource: ACM could not see the proof", async () =>
    assert.match(
      await told(
        { name: "api.example.com", zone: "example.com" },
        answering({ name: "example.com", zoneId: "Z1", privateZone: true }),
      ),
      /domain\.zone is "example\.com"; expected a public zone that holds api\.example\.com; that one is private$/,
    ));

  it("that is not there is told before the first resource", async () =>
    assert.match(
      await told({ name: "api.example.com", zone: "example.com" }, answering(new Error("no matching hosted zone"))),
      /domain\.zone is "example\.com"; expected a public hosted zone that this account lets us read/,
    ));
});
