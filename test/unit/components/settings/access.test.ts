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
  ["modelAccess", "list"],
  ["permissionsBoundary", "none"],
  ["permissionsBoundary", "arn:aws:iam::123456789012:policy/team/boundary"],
  ["permissionsBoundary", "arn:aws:iam::aws:policy/PowerUserAccess"],
];

const oneOrMore = "a list of one or more";
const actionText = "an action such as s3:GetObject or dynamodb:*";
const resourceText = '"*", or an arn of the partition aws such as arn:aws:s3:::bucket/*';
const policyText = "the arn of a managed policy such as arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess";
const boundaryText = '"none", or the arn of a managed policy';
const operatorText = "an operator of IAM conditions such as StringEquals";
const tooMuch = "named actions or named resources, because protect is true";

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

  it("accepts every action on a named resource, and a named action on every resource, with protect", () => {
    const permissions = [
      { actions: ["*"], resources },
      { actions, resources: ["*"] },
    ];
    assert.deepEqual(problemsOf({ permissions, protect: true }), []);
  });
});
