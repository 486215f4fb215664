import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { covers, holds } from "../host-names";
import { type Problem, refusal } from "../problems";

export interface WantedDomain {
  readonly name: string;
  /** The hosted zone by its name or by its id. */
  readonly zone?: string;
  readonly zoneId?: string;
  /** A certificate that exists already. */
  readonly certificateArn?: string;
}

export interface Domain {
  readonly name: string;
  readonly zoneId: string;
  readonly certificateArn?: string;
}

/**
 * The domain as the account has it. Asked before the first resource: otherwise a zone that does not hold the name would show once the
 * network and the load balancer stand, as a certificate that is never issued, and a certificate for another name to callers only.
 */
export async function findDomain(wanted: WantedDomain): Promise<Domain> {
  const { name, certificateArn } = wanted;
  const { zoneId, problems } = await findZone(wanted);
  if (certificateArn !== undefined) problems.push(...(await certificateProblems(name, certificateArn)));
  if (problems.length > 0) throw refusal(`Configuration of stack ${pulumi.getStack()}`, problems);
  return { name, zoneId, certificateArn };
}

async function findZone({ name, zone, zoneId }: WantedDomain): Promise<{ zoneId: string; problems: Problem[] }> {
  const [key, value] = zoneId === undefined ? ["domain.zone", zone] : ["domain.zoneId", zoneId];
  try {
    const found = await aws.route53.getZone(zoneId === undefined ? { name: zone } : { zoneId });
    const zoneName = found.name.replace(/\.$/, "");
    const expected = `a public zone that holds ${name}; that one is ${found.privateZone ? "private" : zoneName}`;
    const isFit = !found.privateZone && holds(zoneName, name);
    return { zoneId: found.zoneId, problems: isFit ? [] : [{ key, value, expected }] };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const expected = `a public hosted zone that this account lets us read: ${reason}`;
    return { zoneId: "", problems: [{ key, value, expected }] };
  }
}

/** AWS itself takes a certificate for any name. */
async function certificateProblems(name: string, arn: string): Promise<Problem[]> {
  const found = aws.acm.Certificate.get("given", arn);
  const { domainName, subjectAlternativeNames, status } = found;
  const [first, others, state] = await resolved(pulumi.all([domainName, subjectAlternativeNames, status]));
  const names = [...new Set([first, ...others])];
  const problem = { key: "domain.certificateArn", value: arn };
  if (state !== "ISSUED") return [{ ...problem, expected: `an issued certificate; that one is ${state}` }];
  if (names.some((covering) => covers(covering, name))) return [];
  return [{ ...problem, expected: `a certificate for ${name}; that one is for ${names.join(", ")}` }];
}

const resolved = <T>(output: pulumi.Output<T>) => new Promise<T>((resolve) => void output.apply(resolve));

/** Where callers find the load balancer: under the name once that leads to it, under its own without one. */
export function publish(
  name: string,
  domain: Domain | undefined,
  loadBalancer: aws.lb.LoadBalancer,
  inside: pulumi.ResourceOptions,
): pulumi.Output<string> {
  if (!domain) return pulumi.interpolate`http://${loadBalancer.dnsName}`;
  const record = new aws.route53.Record(
    name,
    {
      zoneId: domain.zoneId,
      name: domain.name,
      type: "A",
      aliases: [{ name: loadBalancer.dnsName, zoneId: loadBalancer.zoneId, evaluateTargetHealth: true }],
    },
    inside,
  );
  return record.id.apply(() => `https://${domain.name}`);
}
