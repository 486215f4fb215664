import type { Problem } from "../core/problems";
import { runsOnAws } from "../targets";
import { entry } from "./entry";
import { arnShown, isSecretArn } from "./environment";
import { joinedListener } from "./gateway";
import type { Values } from "./keys";
import { whenValid } from "./rule";
import { integer, list, object, oneOf, optional, record, redacted, text } from "./schema";

const longestUrl = 256;
const url = text(
  `an https url of at most ${longestUrl} characters`,
  (value) => value.length <= longestUrl && /^https:\/\/[^\s/@]+(\/\S*)?$/.test(value) && URL.canParse(value),
);
const word = (expected: string) => text(expected, (value) => /^\S{1,256}$/.test(value));

/** ALB compares it with the iss of a token, which need not be a url: API_JwtValidationActionConfig. */
const issuer = text(
  `the iss of the tokens, at most ${longestUrl} characters`,
  (value) => value.trim() !== "" && value.length <= longestUrl,
);

const claimName = {
  fits: /^(?!(?:iss|exp|nbf|iat)$)\S{1,256}$/,
  expected: "a claim other than iss, exp, nbf and iat, which the load balancer always checks",
};
const claim = object(
  {
    format: oneOf(["single-string", "string-array", "space-separated-values"]),
    values: list(word("a value without spaces, of at most 256 characters")),
  },
  { format: "single-string" },
);

const jwt = object({ issuer, jwksUri: url, claims: record(claimName, claim) }, { claims: {} });
const oidc = object(
  {
    issuer: url,
    authorizationEndpoint: url,
    tokenEndpoint: url,
    userInfoEndpoint: url,
    clientId: word("the client id from the identity provider, without spaces"),
    clientSecretArn: redacted(
      text("the arn of a Secrets Manager secret", (value) =>
        /^arn:aws:secretsmanager:[a-z0-9-]+:\d{12}:secret:[^\s:]+$/.test(value),
      ),
    ),
    scope: text("scopes separated by spaces, including openid", (value) => value.split(" ").includes("openid")),
    sessionSeconds: integer(60, 604_800),
  },
  { scope: "openid", sessionSeconds: 43_200 },
);

/** What one validation of the load balancer takes. */
const mostClaims = 10;
const mostClaimValues = 10;

const domain = { name: "api.example.com", zone: "example.com" };
const tokens = {
  issuer: "https://id.example.com",
  jwksUri: "https://id.example.com/.well-known/jwks.json",
  claims: { aud: { values: ["inference"] } },
};

export const authKeys = {
  auth: entry({
    schema: object({ jwt: optional(jwt), oidc: optional(oidc) }),
    text: "How the load balancer authenticates callers: programs by a token (`jwt`), or people by a sign-in (`oidc`). docs/security.md shows both in full. Omit to accept unauthenticated requests.",
    example: { auth: { jwt: tokens }, domain },
  }),
  apiKeys: entry({
    schema: redacted(
      text('"none", or the arn of the secret that lists the keys', (value) => value === "none" || isSecretArn(value)),
    ),
    fallback: "none",
    text: "The arn of a secret with the name and the SHA-256 of each API key, or `none`. The container then requires a key in the header `x-api-key` (docs/security.md).",
    example: { apiKeys: "arn:aws:secretsmanager:us-east-1:123456789012:secret:api-keys-AbCdEf", domain },
  }),
};

export const authRules = [
  whenValid({
    key: "auth",
    fact: "Either `jwt` or `oidc`, not both.",
    reads: ["auth"],
    problems: oneWayProblems,
  }),
  whenValid({
    key: "auth",
    fact: "Needs a domain, or a `gateway` with an HTTPS listener: the load balancer can authenticate callers only over HTTPS.",
    reads: ["target", "auth", "domain", "gateway"],
    problems: httpsProblems,
  }),
  whenValid({
    key: "auth",
    fact: `At most ${mostClaims} claims of \`jwt\`, each with 1 to ${mostClaimValues} values, or exactly one with format \`single-string\`.`,
    reads: ["auth"],
    problems: claimProblems,
  }),
  whenValid({
    key: "auth",
    fact: "With `internal` and a new network it needs `network.nat: one` or `perZone`: the load balancer reaches the identity provider through it.",
    reads: ["internal", "auth", "network"],
    problems: cutOffProblems,
  }),
  whenValid({
    key: "apiKeys",
    fact: "Needs a domain, a `gateway` with an HTTPS listener, or `internal: true`. `allowHttp` does not lift this: over plain HTTP anyone on the network path can read a key.",
    reads: ["target", "apiKeys", "domain", "internal", "gateway"],
    problems: readableKeyProblems,
  }),
];

function oneWayProblems({ auth }: Pick<Values, "auth">): Problem[] {
  const wanted = Object.keys(auth);
  const expected = "either jwt (for programs) or oidc (for people), not both";
  return wanted.length > 1 ? [{ key: "auth", value: wanted, expected }] : [];
}

function httpsProblems({
  auth,
  domain,
  ...written
}: Pick<Values, "target" | "auth" | "domain" | "gateway">): Problem[] {
  // Preflight reads the protocol of an existing listener.
  if (joinedListener(written)) return [];
  const wanted = Object.keys(auth);
  const expected = "a domain: the load balancer can authenticate callers only over HTTPS";
  return wanted.length > 0 && !domain ? [{ key: "auth", value: wanted, expected }] : [];
}

function claimProblems({ auth }: Pick<Values, "auth">): Problem[] {
  const claims = auth.jwt?.claims ?? {};
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

/** A load balancer without a public address reaches its identity provider through a NAT gateway. */
function cutOffProblems({ internal, auth, network }: Pick<Values, "internal" | "auth" | "network">): Problem[] {
  const isCutOff = internal && "nat" in network && network.nat === "none" && Object.keys(auth).length > 0;
  if (!isCutOff) return [];
  const expected = "one or perZone: an internal load balancer reaches the identity provider of auth through it";
  return [{ key: "network.nat", value: network.nat, expected }];
}

/** A key sent over plain HTTP can be read on the network path, so allowHttp does not lift this rule. */
function readableKeyProblems({
  target,
  apiKeys,
  domain,
  internal,
  gateway,
}: Pick<Values, "target" | "apiKeys" | "domain" | "internal" | "gateway">): Problem[] {
  if (!runsOnAws(target) || apiKeys === "none" || domain || internal || gateway) return [];
  const expected = "a domain, or internal: true: over plain HTTP anyone on the network path can read a key";
  return [{ key: "apiKeys", value: arnShown(apiKeys), expected }];
}
