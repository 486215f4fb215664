import { holds, hostName } from "../core/host-names";
import type { Problem } from "../core/problems";
import { runsOnAws } from "../targets";
import { entry } from "./entry";
import type { Values } from "./keys";
import { whenValid } from "./rule";
import { emptyAsUndefined, flag, integer, object, oneOf, optional, text } from "./schema";

/** ACM takes at most 64 characters for the first name of a certificate. */
const longestHostName = 64;

const domain = object({
  name: text(
    `a host name such as api.example.com, in lower case, of at most ${longestHostName} characters`,
    (value) => hostName.test(value) && value.length <= longestHostName,
  ),
  zone: optional(
    text("the name of a public hosted zone in this account, such as example.com", (value) => hostName.test(value)),
  ),
  zoneId: optional(
    text("the id of a public hosted zone, such as Z0123456789ABCDEF", (value) => /^Z[A-Z0-9]{1,31}$/.test(value)),
  ),
  certificateArn: optional(
    text(
      "the arn of a certificate in ACM such as arn:aws:acm:us-east-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef",
      (value) => /^arn:aws:acm:[a-z0-9-]+:\d{12}:certificate\/[0-9a-f-]{36}$/.test(value),
    ),
  ),
});

/** What the container accepts unless BODY_LIMIT_MIB is set. */
export const containerBodyMiB = 10;

export const edgeKeys = {
  domain: entry({
    schema: emptyAsUndefined(domain),
    fallback: {},
    text: "Serves HTTPS under your own name, and redirects HTTP to it. The certificate is created unless `certificateArn` names one. Without a domain the load balancer serves plain HTTP under its own name.",
    example: { domain: { name: "api.example.com", zone: "example.com" } },
  }),
  allowHttp: entry({
    schema: flag,
    fallback: false,
    text: "Accepts plain HTTP on a stack with `protect: true` and no domain.",
    example: { allowHttp: true, protect: true },
  }),
  waf: entry({
    schema: object(
      {
        mode: oneOf(["off", "count", "block"]),
        requestsPerFiveMinutes: integer(10, 2_000_000_000),
        bodyMiB: integer(1, 1024),
      },
      { mode: "off", requestsPerFiveMinutes: 2000, bodyMiB: containerBodyMiB },
    ),
    text: "Puts AWS WAF in front of the load balancer. Mode `count` logs what it would block, `block` blocks it. `requestsPerFiveMinutes` limits each address, `bodyMiB` the body that a caller may announce.",
    example: { waf: { mode: "block", requestsPerFiveMinutes: 5000 } },
  }),
  accessLogDays: entry({
    schema: integer(0, 3653),
    fallback: 0,
    text: "For how many days to keep a log line of every request, in a bucket of its own. 0 keeps none.",
    example: { accessLogDays: 30 },
  }),
};

export const edgeRules = [
  whenValid({
    key: "domain",
    fact: "Name the hosted zone by `zone` or by `zoneId`, not by both. The zone must hold `name`.",
    reads: ["domain"],
    problems: zoneProblems,
  }),
  whenValid({
    key: "domain",
    fact: "`certificateArn` names a certificate in the stack's region.",
    reads: ["domain"],
    problems: certificateProblems,
  }),
  whenValid({
    key: "allowHttp",
    fact: "A stack with `protect: true` has a domain, a `gateway` with an HTTPS listener, or `allowHttp: true`.",
    reads: ["target", "domain", "allowHttp", "protect", "gateway"],
    problems: plainHttpProblems,
  }),
  whenValid({
    key: "waf",
    fact: `\`bodyMiB\` is at least what the container accepts: \`environment.BODY_LIMIT_MIB\`, or ${containerBodyMiB} MiB.`,
    reads: ["waf", "environment"],
    problems: bodyProblems,
  }),
];

function zoneProblems({ domain }: Pick<Values, "domain">): Problem[] {
  if (!domain) return [];
  const { name, zone, zoneId } = domain;
  const oneZone = {
    key: "domain",
    value: domain,
    expected: "either zone (its name) or zoneId: the hosted zone for the records of the name",
  };
  const otherZone = { key: "domain.zone", value: zone, expected: `a zone that holds ${name}` };
  return [
    ...((zone === undefined) === (zoneId === undefined) ? [oneZone] : []),
    ...(zone !== undefined && !holds(zone, name) ? [otherZone] : []),
  ];
}

function certificateProblems({ domain }: Pick<Values, "domain">, region: string): Problem[] {
  const value = domain?.certificateArn;
  if (!region || value === undefined || value.split(":")[3] === region) return [];
  const expected = `a certificate in ${region}: a load balancer takes none from another region`;
  return [{ key: "domain.certificateArn", value, expected }];
}

/** `protect` marks production. */
function plainHttpProblems({
  target,
  domain,
  allowHttp,
  protect,
  gateway,
}: Pick<Values, "target" | "domain" | "allowHttp" | "protect" | "gateway">): Problem[] {
  // Preflight reads the protocol of an existing listener.
  if (!runsOnAws(target) || domain || allowHttp || !protect || gateway) return [];
  const expected = "a domain, because protect is true; or set allowHttp: true to accept unencrypted requests";
  return [{ key: "domain", value: undefined, expected }];
}

function bodyProblems({ waf, environment }: Pick<Values, "waf" | "environment">): Problem[] {
  const accepted = Number(environment.BODY_LIMIT_MIB ?? containerBodyMiB);
  if (waf.mode === "off" || !(waf.bodyMiB < accepted)) return [];
  const expected = `at least the ${accepted} MiB that the container takes; otherwise WAF blocks requests that the container accepts`;
  return [{ key: "waf.bodyMiB", value: waf.bodyMiB, expected }];
}
