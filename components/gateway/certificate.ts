import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Domain } from "./args";

/** An arn that resolves once the certificate may be used. */
export function certificateFor(name: string, domain: Domain, inside: pulumi.ResourceOptions): pulumi.Input<string> {
  if (domain.certificateArn !== undefined) return domain.certificateArn;
  const certificate = new aws.acm.Certificate(name, { domainName: domain.name, validationMethod: "DNS" }, inside);
  // One name, so one record.
  const proof = (field: "resourceRecordName" | "resourceRecordType" | "resourceRecordValue") =>
    certificate.domainValidationOptions.apply(([only]) => only?.[field] ?? "");
  const record = new aws.route53.Record(
    `${name}-validation`,
    {
      zoneId: domain.zoneId,
      name: proof("resourceRecordName"),
      type: proof("resourceRecordType"),
      records: [proof("resourceRecordValue")],
      ttl: 60,
      // ACM uses the same record for the same name in an account: another stack may have created it.
      allowOverwrite: true,
    },
    // The record validates other certificates of the account and their renewal as well.
    { ...inside, retainOnDelete: true },
  );
  const validation = new aws.acm.CertificateValidation(
    name,
    { certificateArn: certificate.arn, validationRecordFqdns: [record.fqdn] },
    // Usually minutes. Without the zone's name servers at the registrar, validation never succeeds.
    { ...inside, customTimeouts: { create: "20m" } },
  );
  return validation.certificateArn;
}
