import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { covers, holds } from "../core/host-names";
import type { Problem } from "../core/problems";
import { reasonOf } from "../core/reason";
import type { Settings } from "../settings";

/** The provider that reads the account. */
interface AccountReader {
  readonly provider: pulumi.ProviderResource;
}

type WantedDomain = NonNullable<Settings["domain"]>;

/** The domain as it exists in the account. */
export interface FoundDomain {
  readonly name: string;
  readonly zoneId: string;
  /** A certificate that exists already. */
  readonly certificateArn?: string;
}

export interface DomainAnswer {
  readonly domain?: FoundDomain;
  readonly problems: readonly Problem[];
}

/**
 * Without this check a wrong zone shows only after the network and the load balancer exist, as a certificate that is never issued.
 * Only callers would notice a certificate for another name.
 */
export async function findDomain(wanted: Settings["domain"], opts: AccountReader): Promise<DomainAnswer> {
  if (!wanted) return { problems: [] };
  const { name, certificateArn } = wanted;
  const [zone, certificate] = await Promise.all([
    findZone(wanted, opts),
    certificateArn === undefined ? [] : certificateProblems(name, certificateArn, opts),
  ]);
  return { domain: { name, zoneId: zone.zoneId, certificateArn }, problems: [...zone.problems, ...certificate] };
}

async function findZone(
  { name, zone, zoneId }: WantedDomain,
  opts: AccountReader,
): Promise<{ zoneId: string; problems: Problem[] }> {
  const [key, value] = zoneId === undefined ? ["domain.zone", zone] : ["domain.zoneId", zoneId];
  try {
    const found = await aws.route53.getZone(zoneId === undefined ? { name: zone } : { zoneId }, opts);
    const zoneName = found.name.replace(/\.$/, "");
    const expected = `a public zone that holds ${name}; this one is ${found.privateZone ? "private" : zoneName}`;
    const isFit = !found.privateZone && holds(zoneName, name);
    return { zoneId: found.zoneId, problems: isFit ? [] : [{ key, value, expected }] };
  } catch (error) {
    const expected = `a public hosted zone that these credentials can read: ${reasonOf(error)}`;
    return { zoneId: "", problems: [{ key, value, expected }] };
  }
}

/** The load balancer accepts a certificate for any name. */
async function certificateProblems(name: string, arn: string, opts: AccountReader): Promise<Problem[]> {
  const found = aws.acm.Certificate.get("given", arn, {}, opts);
  const { domainName, subjectAlternativeNames, status } = found;
  const [first, others, state] = await resolved(pulumi.all([domainName, subjectAlternativeNames, status]));
  const problem = { key: "domain.certificateArn", value: arn };
  // The provider returns undefined outputs for a certificate that does not exist.
  if (state === undefined) return [{ ...problem, expected: "a certificate that this account has" }];
  const names = [...new Set([first, ...others])];
  if (state !== "ISSUED") return [{ ...problem, expected: `an issued certificate; this one is ${state}` }];
  if (names.some((covering) => covers(covering, name))) return [];
  return [{ ...problem, expected: `a certificate for ${name}; this one is for ${names.join(", ")}` }];
}

const resolved = <T>(output: pulumi.Output<T>) => new Promise<T>((resolve) => void output.apply(resolve));
