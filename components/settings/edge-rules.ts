import { holds } from "../core/host-names";
import type { Problem } from "../core/problems";
import { runsOnAws } from "../targets";
import type { Values } from "./keys";

export function domainProblems({ domain }: Pick<Values, "domain">, region: string): Problem[] {
  if (!domain) return [];
  const { name, zone, zoneId, certificateArn } = domain;
  const oneZone = {
    key: "domain",
    value: domain,
    expected: "either zone (its name) or zoneId: the hosted zone for the records of the name",
  };
  const otherZone = { key: "domain.zone", value: zone, expected: `a zone that holds ${name}` };
  const otherRegion = {
    key: "domain.certificateArn",
    value: certificateArn,
    expected: `a certificate in ${region}: a load balancer takes none from another region`,
  };
  return [
    ...((zone === undefined) === (zoneId === undefined) ? [oneZone] : []),
    ...(zone !== undefined && !holds(zone, name) ? [otherZone] : []),
    ...(region && certificateArn && certificateArn.split(":")[3] !== region ? [otherRegion] : []),
  ];
}

/** `protect` marks production. */
export function httpProblems({
  target,
  domain,
  allowHttp,
  protect,
}: Pick<Values, "target" | "domain" | "allowHttp" | "protect">): Problem[] {
  if (!runsOnAws(target) || domain || allowHttp || !protect) return [];
  const expected = "a domain for a stack with protect: true, or allowHttp: true to accept unencrypted requests";
  return [{ key: "domain", value: {}, expected }];
}

/** A key sent over plain HTTP can be read on the network path, so allowHttp does not lift this rule. */
export function apiKeyProblems({
  target,
  apiKeys,
  domain,
  internal,
}: Pick<Values, "target" | "apiKeys" | "domain" | "internal">): Problem[] {
  if (!runsOnAws(target) || apiKeys === "none" || domain || internal) return [];
  const expected = "a domain, or internal: true: over plain HTTP anyone on the network path can read a key";
  return [{ key: "apiKeys", value: "[not shown]", expected }];
}

/** What one validation of the load balancer takes. */
const mostClaims = 10;
const mostClaimValues = 10;

export function authProblems({ auth, domain }: Pick<Values, "auth" | "domain">): Problem[] {
  const wanted = Object.keys(auth);
  const alone = { key: "auth", value: wanted, expected: "either jwt (for programs) or oidc (for people), not both" };
  const encrypted = {
    key: "auth",
    value: wanted,
    expected: "a domain: the load balancer can authenticate callers only over HTTPS",
  };
  return [
    ...(wanted.length > 1 ? [alone] : []),
    ...(wanted.length > 0 && !domain ? [encrypted] : []),
    ...claimProblems(auth.jwt?.claims ?? {}),
  ];
}

function claimProblems(claims: NonNullable<Values["auth"]["jwt"]>["claims"]): Problem[] {
  const names = Object.keys(claims);
  const many = { key: "auth.jwt.claims", value: names, expected: `at most ${mostClaims} claims` };
  const counts = Object.entries(claims).flatMap(([name, { format, values }]) => {
    const most = format === "single-string" ? 1 : mostClaimValues;
    if (values.length >= 1 && values.length <= most) return [];
    const expected = most === 1 ? "exactly one value with format single-string" : `1 to ${most} values`;
    return [{ key: `auth.jwt.claims.${name}.values`, value: values, expected }];
  });
  return [...(names.length > mostClaims ? [many] : []), ...counts];
}

/** What the container takes unless BODY_LIMIT_MIB says otherwise. */
export const containerBodyMiB = 10;

export function wafProblems({ waf, environment }: Pick<Values, "waf" | "environment">): Problem[] {
  const taken = Number(environment.BODY_LIMIT_MIB ?? containerBodyMiB);
  if (waf.mode === "off" || !(waf.bodyMiB < taken)) return [];
  const expected = `at least the ${taken} MiB that the container takes; otherwise WAF blocks requests that the container accepts`;
  return [{ key: "waf.bodyMiB", value: waf.bodyMiB, expected }];
}

/** A load balancer without a public address reaches its identity provider through a NAT gateway. */
export function internalProblems({
  internal,
  auth,
  network,
}: Pick<Values, "internal" | "auth" | "network">): Problem[] {
  const isCutOff = internal && "nat" in network && network.nat === "none" && Object.keys(auth).length > 0;
  if (!isCutOff) return [];
  const expected = "one or perZone: an internal load balancer reaches the identity provider of auth through it";
  return [{ key: "network.nat", value: network.nat, expected }];
}

/** Each of the two needs the other: an IPv6 address that nobody may call, and callers on IPv6 without an address to call. */
export function dualstackProblems({
  target,
  dualstack,
  internal,
  network,
  ingressCidrs,
}: Pick<Values, "target" | "dualstack" | "internal" | "network" | "ingressCidrs">): Problem[] {
  if (!runsOnAws(target)) return [];
  const key = "dualstack";
  const sixes = ingressCidrs.flatMap((value, index) => (value.includes(":") ? [{ value, index }] : []));
  if (!dualstack) {
    const expected = "an IPv4 block, or dualstack: true beside it: the load balancer has no IPv6 address";
    return sixes.map(({ value, index }) => ({ key: `ingressCidrs[${index}]`, value, expected }));
  }
  const inside = { key, value: true, expected: "false with internal: private subnets have no IPv6 addresses" };
  const withoutSix = {
    key: "network.ipv6",
    value: false,
    expected: "true with dualstack: it gives the public subnets their addresses",
  };
  const closed = {
    key: "ingressCidrs",
    value: ingressCidrs,
    expected: 'an IPv6 block as well with dualstack, such as "::/0" for everyone',
  };
  return [
    ...(internal ? [inside] : []),
    ...("ipv6" in network && !network.ipv6 ? [withoutSix] : []),
    ...(ingressCidrs.length > 0 && sixes.length === 0 ? [closed] : []),
  ];
}
