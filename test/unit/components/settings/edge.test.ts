import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { serviceSpec } from "../../../../components/core/service-spec";
import { containerBodyMiB } from "../../../../components/settings/edge";
import { projectFolder } from "../../../../tools/stack/file";
import { oidc } from "../../../support/oidc";
import { problemsOf, settingsOf } from "../../support/settings";

const certificateArn = (region: string) =>
  `arn:aws:acm:${region}:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef`;
const told = (own: Readonly<Record<string, unknown>>) =>
  problemsOf(own).map(({ key, expected }) => `${key}: expected ${expected}`);

const domain = { name: "api.example.com", zone: "example.com" };
const secretArn = oidc.clientSecretArn;
const ecrImage = (region: string) => `123456789012.dkr.ecr.${region}.amazonaws.com/model@sha256:${"0".repeat(64)}`;
const pullable =
  "an image in ECR of eu-west-1, or network.nat one or perZone: without a NAT gateway no other registry is reached";
const jwt = { issuer: "https://id.example.com", jwksUri: "https://id.example.com/keys", claims: {} };

describe("parseSettings: HTTPS, authentication and WAF", () => {
  it("reads {} as no domain, as an object or as text", () => {
    for (const none of [{}, "{}"]) assert.equal(settingsOf({ domain: none }).domain, undefined);
  });

  it("accepts a domain with its zone by name or id, and a certificate of the stack's region", () => {
    for (const domain of [
      { name: "api.example.com", zone: "example.com" },
      { name: "example.com", zoneId: "Z0123456789ABCDEF", certificateArn: certificateArn("eu-west-1") },
    ]) {
      assert.deepEqual(settingsOf({ domain }).domain, domain);
    }
  });

  const name = "a host name such as api.example.com, in lower case, of at most 64 characters";
  const oneZone = "domain: expected either zone (its name) or zoneId: the hosted zone for the records of the name";
  const bad: [title: string, own: Record<string, unknown>, problems: string[]][] = [
    [
      "a name in capitals",
      { domain: { name: "API.example.com", zone: "example.com" } },
      [`domain.name: expected ${name}`],
    ],
    ["a wildcard name", { domain: { name: "*.example.com", zone: "example.com" } }, [`domain.name: expected ${name}`]],
    [
      "a name that ACM finds too long",
      { domain: { name: `${"a".repeat(53)}.example.com`, zone: "example.com" } },
      [`domain.name: expected ${name}`],
    ],
    ["no zone", { domain: { name: "api.example.com" } }, [oneZone]],
    ["two zones", { domain: { name: "api.example.com", zone: "example.com", zoneId: "Z1" } }, [oneZone]],
    [
      "a zone that does not hold the name",
      { domain: { name: "api.badexample.com", zone: "example.com" } },
      ["domain.zone: expected a zone that holds api.badexample.com"],
    ],
    [
      "a certificate of another region",
      { domain: { name: "api.example.com", zone: "example.com", certificateArn: certificateArn("us-east-1") } },
      ["domain.certificateArn: expected a certificate in eu-west-1: a load balancer takes none from another region"],
    ],
    [
      "production in plain HTTP",
      { protect: true, allowHttp: false },
      ["domain: expected a domain, because protect is true; or set allowHttp: true to accept unencrypted requests"],
    ],
    [
      "more blocks than rules fit when each needs two",
      {
        domain: { name: "api.example.com", zone: "example.com" },
        ingressCidrs: Array.from({ length: 31 }, (_, index) => `10.0.${index}.0/24`),
      },
      ["ingressCidrs: expected at most 30 blocks, as many as AWS allows one group"],
    ],
  ];
  bad.push(
    [
      "auth over plain HTTP",
      { auth: { jwt } },
      ["auth: expected a domain: the load balancer can authenticate callers only over HTTPS"],
    ],
    [
      "jwt and oidc at once",
      { domain, auth: { jwt, oidc } },
      ["auth: expected either jwt (for programs) or oidc (for people), not both"],
    ],
    [
      "a jwksUri over http",
      { domain, auth: { jwt: { ...jwt, jwksUri: "http://id.example.com/keys" } } },
      ["auth.jwt.jwksUri: expected an https url of at most 256 characters"],
    ],
    [
      "a claim that the load balancer always checks",
      { domain, auth: { jwt: { ...jwt, claims: { exp: { values: ["1"] } } } } },
      ["auth.jwt.claims.exp: expected a claim other than iss, exp, nbf and iat, which the load balancer always checks"],
    ],
    [
      "a claim without a value, or a single one with two",
      { domain, auth: { jwt: { ...jwt, claims: { aud: { values: [] }, sub: { values: ["a", "b"] } } } } },
      [
        "auth.jwt.claims.aud.values: expected exactly one value with format single-string",
        "auth.jwt.claims.sub.values: expected exactly one value with format single-string",
      ],
    ],
    [
      "a client secret in place of its arn, without showing it",
      { domain, auth: { oidc: { ...oidc, clientSecretArn: "hunter2" } } },
      ["auth.oidc.clientSecretArn: expected the arn of a Secrets Manager secret"],
    ],
    [
      "apiKeys over plain HTTP",
      { apiKeys: secretArn },
      ["apiKeys: expected a domain, or internal: true: over plain HTTP anyone on the network path can read a key"],
    ],
    [
      "API keys in place of their secret's arn",
      { apiKeys: "[]" },
      ['apiKeys: expected "none", or the arn of the secret that lists the keys'],
    ],
    [
      "a waf.bodyMiB below the container's default limit",
      { waf: { mode: "block", bodyMiB: 9 } },
      [
        "waf.bodyMiB: expected at least the 10 MiB that the container takes; otherwise WAF blocks requests that the container accepts",
      ],
    ],
    [
      "a waf.bodyMiB below BODY_LIMIT_MIB",
      { waf: { mode: "count" }, environment: { BODY_LIMIT_MIB: 32 } },
      [
        "waf.bodyMiB: expected at least the 32 MiB that the container takes; otherwise WAF blocks requests that the container accepts",
      ],
    ],
    [
      "an internal load balancer without a way to its identity provider",
      { domain, auth: { oidc }, internal: true, network: { nat: "none" } },
      [
        "network.nat: expected one or perZone: an internal load balancer reaches the identity provider of auth through it",
      ],
    ],
    [
      "images that a network without a NAT gateway cannot pull",
      {
        network: { nat: "none" },
        image: `docker.io/team/model@sha256:${"0".repeat(64)}`,
        target: "variants",
        variants: {
          near: { target: "ecs", weight: 50, image: ecrImage("eu-west-1") },
          far: { target: "ecs", weight: 50, image: ecrImage("us-east-1") },
        },
      },
      ["image", "variants.far.image"].map((key) => `${key}: expected ${pullable}`),
    ],
    [
      "API_KEYS in environment",
      { environment: { API_KEYS: "{}" } },
      [
        "environment.API_KEYS: expected no value: only the program sets API_KEYS (pulumi config rm --path environment.API_KEYS)",
      ],
    ],
  );
  for (const [title, own, problems] of bad) it(`refuses ${title}`, () => assert.deepEqual(told(own), problems));

  it("accepts plain HTTP without protect, and for target local", () => {
    assert.deepEqual(told({ allowHttp: false }), []);
    assert.deepEqual(told({ allowHttp: false, protect: true, target: "local" }), []);
  });

  it("defaults the scope and session of oidc", () => {
    const settings = settingsOf({ domain, auth: { oidc } });
    assert.deepEqual(settings.auth, { oidc: { ...oidc, scope: "openid", sessionSeconds: 43_200 } });
  });

  it("warns that jwt without aud accepts tokens for other services", () => {
    const note = /^auth\.jwt\.claims has no aud/;
    assert.match(settingsOf({ domain, allowHttp: false, auth: { jwt } }).warnings.join(), note);
    const claims = { aud: { values: ["inference"] } };
    assert.deepEqual(settingsOf({ domain, allowHttp: false, auth: { jwt: { ...jwt, claims } } }).warnings, []);
  });

  it("accepts an issuer that is no url", () => {
    const issuer = (text: string) => told({ domain, auth: { jwt: { ...jwt, issuer: text } } });
    assert.deepEqual(issuer("accounts.google.com"), []);
    const expected = ["auth.jwt.issuer: expected the iss of the tokens, at most 256 characters"];
    for (const text of ["", " ", "i".repeat(257)]) assert.deepEqual(issuer(text), expected);
  });

  it("warns that internalCallers bypass the load balancer's authentication", () => {
    const own = { domain, allowHttp: false, auth: { oidc }, internalCallers: ["sg-0123abcd"] };
    assert.match(settingsOf(own).warnings.join(), /^internalCallers bypass the load balancer/);
  });

  it("passes apiKeys to the container as a secret", () => {
    assert.deepEqual(serviceSpec(settingsOf({ apiKeys: secretArn, internal: true })).secrets, { API_KEYS: secretArn });
    assert.deepEqual(serviceSpec(settingsOf()).secrets, {});
  });

  it("has the body limit that app/README.md documents", () => {
    const readme = readFileSync(join(projectFolder, "app/README.md"), "utf8");
    assert.match(readme, new RegExp(`\\| \`BODY_LIMIT_MIB\` \\| ${containerBodyMiB} \\|`));
  });

  it("ignores waf.bodyMiB while waf is off", () => assert.deepEqual(told({ waf: { mode: "off", bodyMiB: 1 } }), []));

  it("warns that apiKeys does not apply to local", () =>
    assert.match(settingsOf({ target: "local", apiKeys: secretArn }).warnings.join(), /do not apply to local/));

  it("notes that allowHttp does not apply with a domain", () =>
    assert.deepEqual(settingsOf({ domain: { name: "example.com", zone: "example.com" } }).notes, [
      "allowHttp is kept and ignored: with a domain, HTTP only redirects to HTTPS",
    ]));
});

describe("parseSettings: dualstack", () => {
  const everyone = { ingressCidrs: ["0.0.0.0/0", "::/0"] };
  const given = {
    vpcId: "vpc-0123abcd",
    publicSubnetIds: ["subnet-0000000a", "subnet-0000000b"],
    privateSubnetIds: ["subnet-0000000c", "subnet-0000000d"],
  };

  it("is accepted in a new network with ipv6, and in an existing one, which preflight checks", () => {
    assert.deepEqual(told({ ...everyone, dualstack: true, network: { ipv6: true } }), []);
    assert.deepEqual(told({ ...everyone, dualstack: true, network: given }), []);
    assert.deepEqual(told({ network: { ipv6: true } }), [], "a network may have it before callers come");
  });

  it("is refused without network.ipv6, and with internal", () =>
    assert.deepEqual(told({ ...everyone, dualstack: true, internal: true }), [
      "dualstack: expected false with internal: private subnets have no IPv6 addresses",
      "network.ipv6: expected true with dualstack: it gives the public subnets their addresses",
    ]));

  it("needs an IPv6 block in ingressCidrs, and an IPv6 block needs it", () => {
    assert.deepEqual(told({ ingressCidrs: ["10.0.0.0/8"], dualstack: true, network: { ipv6: true } }), [
      'ingressCidrs: expected an IPv6 block as well with dualstack, such as "::/0" for everyone',
    ]);
    assert.deepEqual(told(everyone), [
      "ingressCidrs[1]: expected an IPv4 block, or dualstack: true beside it: the load balancer has no IPv6 address",
    ]);
  });

  it("refuses overlapping IPv6 blocks", () => {
    const own = { dualstack: true, network: { ipv6: true }, ingressCidrs: ["2001:db8::/32", "2001:db8:1::/48"] };
    assert.deepEqual(told(own), ["ingressCidrs[1]: expected a block that does not overlap with 2001:db8::/32"]);
  });
});
