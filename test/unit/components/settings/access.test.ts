import assert from "node:assert/strict";
import { problemsOf, settingsOf } from "../../support/settings";

const actions = ["s3:GetObject"];
const resources = ["arn:aws:s3:::data/*"];
const administrator = { policy: "arn:aws:iam::aws:policy/AdministratorAccess" };
const everything = { actions: ["*"], resources: ["*"] };
const openData = { policy: "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess" };

/** A key with a value that is read as it is, unless a third element says what becomes of it. */
const good: readonly (readonly [key: string, value: unknown, read?: unknown])[] = [
  ["permissions", []],
  ["permissions", [{ actions, resources }]],
  ["permissions", JSON.stringify([{ actions, resources }]), [{ actions, resources }]],
  ["permissions", [{ actions: ["dynamodb:*", "s3:Get*", "sqs:?endMessage"], resources: ["*"] }]],
  ["permissions", [{ actions: ["*"], resources: ["arn:aws:s3:::data", "arn:aws:dynamodb:*:123456789012:table/a"] }]],
  ["permissions", [{ actions, resources: [`arn:aws:s3:::data/$${"{aws:PrincipalTag/team}"}/*`] }]],
  [
    "permissions",
    [{ actions, resources, condition: { Bool: { "aws:SecureTransport": true }, StringLike: { "s3:prefix": ["a"] } } }],
    [
      {
        actions,
        resources,
        condition: { Bool: { "aws:SecureTransport": "true" }, StringLike: { "s3:prefix": ["a"] } },
      },
    ],
  ],
  ...["ForAllValues:StringEquals", "NotIpAddress", "NumericLessThanEquals", "ArnNotLike", "StringEqualsIfExists"].map(
    (operator) => ["permissions", [{ actions, resources, condition: { [operator]: { "aws:x": "y" } } }]] as const,
  ),
  ["permissions", [openData, { policy: "arn:aws:iam::123456789012:policy/team/Data" }]],
  ["egress", {}],
  ...(
    [
      [
        { cidr: "10.0.0.0/16", port: 5432 },
        { cidr: "10.0.0.0/16", port: { from: 5432, to: 5432 }, protocol: "tcp" },
      ],
      [
        { cidr: "::/0", port: "1-65535" },
        { cidr: "::/0", port: { from: 1, to: 65_535 }, protocol: "tcp" },
      ],
      [
        { cidr: "0.0.0.0/0", port: "all", protocol: "udp", why: "game servers (players)" },
        { cidr: "0.0.0.0/0", port: { from: 1, to: 65_535 }, protocol: "udp", why: "game servers (players)" },
      ],
      [
        { cidr: "192.0.2.1/32", port: "53" },
        { cidr: "192.0.2.1/32", port: { from: 53, to: 53 }, protocol: "tcp" },
      ],
    ] as const
  ).map(([value, read]) => ["egress", { "a-1": value }, { "a-1": read }] as const),
  ["modelAccess", "list"],
  ["permissionsBoundary", "none"],
  ["permissionsBoundary", "arn:aws:iam::123456789012:policy/team/boundary"],
  ["permissionsBoundary", "arn:aws:iam::aws:policy/PowerUserAccess"],
];

const oneOrMore = "a list of one or more";
const actionText = "an action such as s3:GetObject or dynamodb:*";
const resourceText = '"*", or an arn of the partition aws such as arn:aws:s3:::bucket/*';
const policyText =
  "the arn of a managed policy of the partition aws such as arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess";
const boundaryText = '"none", or the arn of a managed policy of the partition aws';
const operatorText = "an operator of IAM conditions such as StringEquals";
const tooMuch = "named actions or named resources, because protect is true";

const blockText = "a block such as 203.0.113.0/24 or 2001:db8::/32, without host bits";
const portText = 'a port, a range such as "1024-2048", or "all"; ports are 1 to 65535';
const whyText = "at most 255 letters, digits, spaces and ._-:/()#,@[]+=;{}!$*";
const ruleName = "at most 32 lower-case letters, digits and - in the name of a rule";
const rulesUpTo = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, port) => [`r${port}`, { cidr: "10.0.0.0/16", port: port + 1 }]));

const bad: readonly (readonly [key: string, value: unknown, where: string, expected: string])[] = [
  ["permissions", { actions, resources }, "permissions", "a list"],
  ["permissions", ["arn:aws:iam::aws:policy/X"], "permissions[0]", "an object with actions, resources, condition"],
  ["permissions", [{ actions: [], resources }], "permissions[0].actions", oneOrMore],
  ["permissions", [{ actions, resources: [] }], "permissions[0].resources", oneOrMore],
  ["permissions", [{ actions }], "permissions[0].resources", "a list"],
  ["permissions", [{ actions: "s3:GetObject", resources }], "permissions[0].actions", "a list"],
  ...["s3", "s3:", ":GetObject", "s3:Get Object", "s3.GetObject", "s3:Get-Object", ""].map(
    (action) => ["permissions", [{ actions: [action], resources }], "permissions[0].actions[0]", actionText] as const,
  ),
  ...["arn:aws-cn:s3:::data", "arn:aws-us-gov:s3:::data", "data", "arn:aws:s3", "arn:*:s3:::data", ""].map(
    (arn) => ["permissions", [{ actions, resources: [arn] }], "permissions[0].resources[0]", resourceText] as const,
  ),
  [
    "permissions",
    [{ actions, resources, condition: { StringIs: { "aws:x": "y" } } }],
    "permissions[0].condition.StringIs",
    operatorText,
  ],
  [
    "permissions",
    [{ actions, resources, condition: { Bool: { x: "y" } } }],
    "permissions[0].condition.Bool.x",
    "a condition key such as aws:SourceVpc",
  ],
  [
    "permissions",
    [{ actions, resources, condition: { Bool: { "aws:x": [] } } }],
    "permissions[0].condition.Bool.aws:x",
    oneOrMore,
  ],
  ["permissions", [{ actions, resource: resources }], "permissions[0].resource", "did you mean resources?"],
  ["permissions", [{ policy: "AmazonS3ReadOnlyAccess" }], "permissions[0].policy", policyText],
  ["permissions", [{ policy: "arn:aws-cn:iam::aws:policy/X" }], "permissions[0].policy", policyText],
  ["permissions", [{ policy: "arn:aws:iam::123456789012:role/X" }], "permissions[0].policy", policyText],
  ["permissions", [{ ...openData, actions }], "permissions[0].actions", "expected policy"],
  ["permissions", [openData, openData], "permissions[1].policy", "a policy that appears once in the list"],
  ...["10.0.0.0", "10.0.0.1/16", "example.com", ""].map(
    (cidr) => ["egress", { a: { cidr, port: 1 } }, "egress.a.cidr", blockText] as const,
  ),
  ...[0, 65_536, -1, 1.5, "", "0-10", "10-1", "1-65536", "1-", "ssh", "1,2", null, undefined].map(
    (port) => ["egress", { a: { cidr: "10.0.0.0/16", port } }, "egress.a.port", portText] as const,
  ),
  ["egress", { a: { cidr: "10.0.0.0/16", port: 1, protocol: "icmp" } }, "egress.a.protocol", "one of tcp, udp"],
  ...["", "it's", "a\nb", "x".repeat(256)].map(
    (why) => ["egress", { a: { cidr: "10.0.0.0/16", port: 1, why } }, "egress.a.why", whyText] as const,
  ),
  ...["A", "a_b", "a-", "1a", "a".repeat(33)].map(
    (name) => ["egress", { [name]: { cidr: "10.0.0.0/16", port: 1 } }, `egress.${name}`, ruleName] as const,
  ),
  ["egress", { a: { cidr: "10.0.0.0/16", ports: 1 } }, "egress.a.ports", "did you mean port?"],
  [
    "egress",
    { a: { cidr: "10.0.0.0/16", port: 1 }, b: { cidr: "10.0.0.0/16", port: "1-1", why: "again" } },
    "egress.b",
    "other addresses or ports than egress.a",
  ],
  ["egress", { a: { cidr: "0.0.0.0/0", port: 443 } }, "egress.a", "no rule: TCP 443 to everywhere is always open"],
  ["egress", rulesUpTo(21), "egress", "at most 20 rules"],
  ["modelAccess", "write", "modelAccess", "one of read, list"],
  ["permissionsBoundary", "boundary", "permissionsBoundary", boundaryText],
  ["permissionsBoundary", "arn:aws-us-gov:iam::123456789012:policy/b", "permissionsBoundary", boundaryText],
  ["permissionsBoundary", "arn:aws:iam::123456789012:role/b", "permissionsBoundary", boundaryText],
];

describe("parseSettings: what the container may do", () => {
  for (const [key, value, read = value] of good) {
    it(`accepts ${key}: ${JSON.stringify(value)}`, () =>
      assert.deepEqual((settingsOf({ [key]: value }) as unknown as Record<string, unknown>)[key], read));
  }

  for (const [key, value, where, expected] of bad) {
    it(`refuses ${key}: ${JSON.stringify(value)}`, () => {
      const problems = problemsOf({ [key]: value });
      assert.deepEqual(
        problems.filter((problem) => problem.key === where).map((problem) => problem.expected),
        [expected],
        JSON.stringify(problems),
      );
    });
  }

  for (const unlimited of [everything, { ...everything, actions: ["s3:*", "*:*"] }, administrator]) {
    it(`refuses ${JSON.stringify(unlimited)} with protect, and warns of it without`, () => {
      const permissions = [openData, unlimited];
      assert.deepEqual(problemsOf({ permissions, protect: true }), [
        { key: "permissions[1]", value: unlimited, expected: tooMuch },
      ]);
      const warning = "permissions: the container's code may do everything in this AWS account";
      assert.ok(settingsOf({ permissions }).warnings.includes(warning));
      assert.ok(!settingsOf({ permissions: [openData] }).warnings.includes(warning));
    });
  }

  it("notes that keys of the model do not apply to a bundled one", () => {
    const ignored = "modelAccess is kept and ignored while the model is bundled";
    assert.ok(settingsOf({ modelAccess: "list" }).notes.includes(ignored));
    assert.ok(!settingsOf({ modelAccess: "list", modelUri: "s3://models/cats" }).notes.includes(ignored));
    assert.ok(!settingsOf({}).notes.includes(ignored));
  });

  for (const cidr of ["0.0.0.0/0", "::/0", "128.0.0.0/1", "10.0.0.0/7", "2000::/3", "fc00::/15"]) {
    it(`refuses egress to ${cidr} without a reason with protect only`, () => {
      const expected = "the reason why the container connects to so many addresses, because protect is true";
      const egress = {
        any: { cidr, port: 80 },
        other: { cidr: "10.0.0.0/8", port: 80 },
        ula: { cidr: "fd00::/16", port: 80 },
      };
      assert.deepEqual(problemsOf({ egress, protect: true }), [{ key: "egress.any.why", value: undefined, expected }]);
      assert.deepEqual(problemsOf({ egress }), []);
      const explained = { any: { ...egress.any, why: "crawls the web" } };
      assert.deepEqual(problemsOf({ egress: explained, protect: true }), []);
    });
  }

  it("takes as many rules as the VPC CNI has room for, and the same port of other addresses or the other protocol", () => {
    assert.deepEqual(problemsOf({ egress: rulesUpTo(20) }), []);
    const cidr = "10.0.0.0/16";
    const egress = { a: { cidr, port: 1 }, b: { cidr, port: 1, protocol: "udp" }, c: { cidr: "10.1.0.0/16", port: 1 } };
    assert.deepEqual(problemsOf({ egress }), []);
  });

  it("accepts every action on a named resource, and a named action on every resource, with protect", () => {
    const permissions = [
      { actions: ["*"], resources },
      { actions, resources: ["*"] },
    ];
    assert.deepEqual(problemsOf({ permissions, protect: true }), []);
  });
});
