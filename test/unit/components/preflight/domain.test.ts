import assert from "node:assert/strict";
import type { MockCallArgs } from "@pulumi/pulumi/runtime";
import { type Cloud, offlineCloud } from "../../../../tools/offline/cloud";
import { declaredStack } from "../../support/mock-cloud";

const listener = "aws:lb/listener:Listener";
const record = "aws:route53/record:Record";
const certificateArn = "arn:aws:acm:us-east-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef";

/** What a person reads on a stack with the domain, in an account that answers so; the first resource comes after that. */
async function told(domain: Record<string, unknown>, { create, call }: Partial<Cloud>): Promise<string> {
  const made: string[] = [];
  const offline = offlineCloud("us-east-1");
  const cloud: Cloud = {
    create(args) {
      if (args.custom && !args.id && !args.type.startsWith("pulumi:providers:")) made.push(args.name);
      return (create ?? offline.create)(args);
    },
    call: (args) => (call ?? offline.call)(args),
  };
  const message = await declaredStack("dev", { domain }, cloud).then(
    () => "",
    (error: Error) => error.message,
  );
  assert.deepEqual(made, []);
  return message;
}

describe("findDomain: existing certificate", () => {
  /** An account that holds it under these names. */
  const held = (names: string[], status = "ISSUED") => {
    const [domainName] = names;
    return { create: () => ({ id: certificateArn, state: { domainName, subjectAlternativeNames: names, status } }) };
  };
  const wanted = { name: "api.example.com", zone: "example.com", certificateArn };

  it("uses a certificate that matches", async () => {
    const plan = await declaredStack("dev", { domain: wanted });
    assert.equal(plan.one(listener, "inference-https").inputs.certificateArn, certificateArn);
    assert.deepEqual(plan.all("aws:acm/certificateValidation:CertificateValidation"), []);
    assert.deepEqual(plan.names(record), ["inference"]);
  });

  it("refuses a certificate for another name, or a wildcard that does not match", async () => {
    for (const names of [["example.com"], ["*.api.example.com"], ["*.com", "other.example.com"]]) {
      assert.equal(
        await told(wanted, held(names)),
        `Stack dev: 1 problem found in the AWS account\n  domain.certificateArn is "${certificateArn}"; expected a certificate for api.example.com; this one is for ${names.join(", ")}`,
      );
    }
  });

  it("refuses a wildcard for its apex", async () =>
    assert.match(
      await told({ ...wanted, name: "example.com" }, held(["*.example.com"])),
      /a certificate for example\.com; this one is for \*\.example\.com$/,
    ));

  it("refuses a certificate that is not issued", async () =>
    assert.match(
      await told(wanted, held(["api.example.com"], "PENDING_VALIDATION")),
      /expected an issued certificate; this one is PENDING_VALIDATION$/,
    ));
});

describe("findDomain: hosted zone", () => {
  /** An account whose answer to the question is this. */
  const answering = (zone: Record<string, unknown> | Error) => ({
    call: (args: MockCallArgs) => {
      if (!args.token.includes("getZone")) return offlineCloud("us-east-1").call(args);
      if (zone instanceof Error) throw zone;
      return zone;
    },
  });

  it("refuses a zone that does not hold the name", async () =>
    assert.equal(
      await told(
        { name: "api.example.com", zoneId: "Z1" },
        answering({ name: "example.org.", zoneId: "Z1", privateZone: false }),
      ),
      'Stack dev: 1 problem found in the AWS account\n  domain.zoneId is "Z1"; expected a public zone that holds api.example.com; this one is example.org',
    ));

  it("refuses a private zone: ACM cannot read its validation record", async () =>
    assert.match(
      await told(
        { name: "api.example.com", zone: "example.com" },
        answering({ name: "example.com", zoneId: "Z1", privateZone: true }),
      ),
      /domain\.zone is "example\.com"; expected a public zone that holds api\.example\.com; this one is private$/,
    ));

  it("refuses a zone that does not exist", async () =>
    assert.match(
      await told({ name: "api.example.com", zone: "example.com" }, answering(new Error("no matching hosted zone"))),
      /domain\.zone is "example\.com"; expected a public hosted zone that these credentials can read/,
    ));
});
