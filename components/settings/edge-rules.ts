import { holds } from "../host-names";
import type { Problem } from "../problems";
import type { Values } from "./keys";

export function domainProblems({ domain }: Pick<Values, "domain">, region: string): Problem[] {
  if (!domain) return [];
  const { name, zone, zoneId, certificateArn } = domain;
  const oneZone = {
    key: "domain",
    value: domain,
    expected: "either zone (the name) or zoneId: the hosted zone that the name's records go into",
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

/** `protect` is what tells production from the rest. */
export function httpProblems({
  target,
  domain,
  allowHttp,
  protect,
}: Pick<Values, "target" | "domain" | "allowHttp" | "protect">): Problem[] {
  if (target === "local" || domain || allowHttp || !protect) return [];
  const expected =
    "a domain for a stack with protect: true, or allowHttp: true to let requests and answers travel in the open";
  return [{ key: "domain", value: {}, expected }];
}
