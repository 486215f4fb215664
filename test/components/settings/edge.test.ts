import assert from "node:assert/strict";
import { problemsOf, settingsOf } from "../../support/settings";

const certificateArn = (region: string) =>
  `arn:aws:acm:${region}:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef`;
const told = (own: Readonly<Record<string, unknown>>) =>
  problemsOf(own).map(({ key, expected }) => `${key}: expected ${expected}`);

describe("The edge in a stack's settings", () => {
  it("has no domain when {} says so, as text or as itself", () => {
    for (const none of [{}, "{}"]) assert.equal(settingsOf({ domain: none }).domain, undefined);
  });

  it("takes a name with its zone by name or by id, and a certificate of the same region", () => {
    for (const domain of [
      { name: "api.example.com", zone: "example.com" },
      { name: "example.com", zoneId: "Z0123456789ABCDEF", certificateArn: certificateArn("eu-west-1") },
    ]) {
      assert.deepEqual(settingsOf({ domain }).domain, domain);
    }
  });

  const name = "a host name such as api.example.com, in lower case, of at most 64 characters";
  const oneZone = "domain: expected either zone (the name) or zoneId: the hosted zone that the name's records go into";
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
      [
        "domain: expected a domain for a stack with protect: true, or allowHttp: true to let requests and answers travel in the open",
      ],
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
  for (const [title, own, problems] of bad) it(`refuses ${title}`, () => assert.deepEqual(told(own), problems));

  it("is plain HTTP without a word where nothing is protected, and on this machine", () => {
    assert.deepEqual(told({ allowHttp: false }), []);
    assert.deepEqual(told({ allowHttp: false, protect: true, target: "local" }), []);
  });

  it("says that a domain leaves allowHttp nothing to allow", () =>
    assert.deepEqual(settingsOf({ domain: { name: "example.com", zone: "example.com" } }).notes, [
      "allowHttp is kept and ignored: with a domain, HTTP only redirects to HTTPS",
    ]));
});
