import { emptyAsUndefined, integer, list, object, oneOf, optional, record, redacted, text } from "./schema";

/** ACM takes at most 64 characters for the first name of a certificate. */
const longestHostName = 64;
const hostName = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$/;

/** `{}` is no domain. */
export const domain = emptyAsUndefined(
  object({
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
      text("the arn of a certificate in ACM", (value) =>
        /^arn:aws:acm:[a-z0-9-]+:\d{12}:certificate\/[0-9a-f-]{36}$/.test(value),
      ),
    ),
  }),
);

const longestUrl = 256;
const url = text(
  `an https url of at most ${longestUrl} characters`,
  (value) => value.length <= longestUrl && /^https:\/\/[^\s/@]+(\/\S*)?$/.test(value) && URL.canParse(value),
);
const word = (expected: string) => text(expected, (value) => /^\S{1,256}$/.test(value));

/** ALB compares it with the iss of a token, which need not be a url: API_JwtValidationActionConfig. */
const issuer = text(
  `the issuer as tokens have it, of at most ${longestUrl} characters`,
  (value) => value.trim() !== "" && value.length <= longestUrl,
);

const claimName = {
  fits: /^(?!(?:iss|exp|nbf|iat)$)\S{1,256}$/,
  expected: "the name of a claim other than iss, exp, nbf and iat, which are checked anyway",
};
const claim = object(
  {
    format: oneOf(["single-string", "string-array", "space-separated-values"]),
    values: list(word("a value without spaces, of at most 256 characters")),
  },
  { format: "single-string" },
);

/** `{}` asks nobody who they are. */
export const auth = object({
  jwt: optional(object({ issuer, jwksUri: url, claims: record(claimName, claim) }, { claims: {} })),
  oidc: optional(
    object(
      {
        issuer: url,
        authorizationEndpoint: url,
        tokenEndpoint: url,
        userInfoEndpoint: url,
        clientId: word("the id that the provider knows this service by"),
        clientSecretArn: redacted(
          text("the arn of a Secrets Manager secret", (value) =>
            /^arn:aws:secretsmanager:[a-z0-9-]+:\d{12}:secret:[^\s:]+$/.test(value),
          ),
        ),
        scope: text("scopes with spaces between, openid among them", (value) => value.split(" ").includes("openid")),
        sessionSeconds: integer(60, 604_800),
      },
      { scope: "openid", sessionSeconds: 43_200 },
    ),
  ),
});

export const withoutWaf = { mode: "off", requestsPerFiveMinutes: 2000, bodyMiB: 10 } as const;
export const waf = object(
  {
    mode: oneOf(["off", "count", "block"]),
    requestsPerFiveMinutes: integer(10, 2_000_000_000),
    bodyMiB: integer(1, 1024),
  },
  withoutWaf,
);
