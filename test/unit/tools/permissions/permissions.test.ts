import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { functionActions, resourceActions } from "../../../../tools/permissions/actions";
import { projectCases } from "../../../../tools/permissions/cases";
import { type Case, type Needs, needsOf } from "../../../../tools/permissions/needs";
import { actionsIn, sdkActions } from "../../../../tools/permissions/sdk-calls";
import { type Permissions, permissionsFor, type Statement } from "../../../../tools/permissions/statements";
import { projectFolder } from "../../../../tools/stack/file";
import { exampleStackFile, examples } from "../../../support/examples";
import { oidc } from "../../../support/oidc";

const arn = (rest: string) => `arn:aws:${rest}`;
const secret = arn("secretsmanager:us-east-1:123456789012:secret:keys-AbCdEf");
const boundary = arn("iam::123456789012:policy/boundary");

/** Keys that add types of resources, beside what dev and prod declare. */
const further: Case[] = [
  { target: "both", domain: { name: "api.example.com", zone: "example.com" }, auth: { oidc }, waf: { mode: "block" } },
  { target: "both", accessLogDays: 30, notifications: { emails: ["a@example.com"], monthlyBudgetUsd: 100 } },
  { target: "ecs", schedule: { night: { days: ["mon"], from: "22:00", to: "06:00", min: 0, max: 0 } } },
  {
    target: "ecs",
    internal: true,
    internalCallers: ["sg-0123456789abcdef0"],
    apiKeys: secret,
    secrets: { TOKEN: secret },
  },
  {
    target: "ecs",
    "aws:region": "eu-west-1",
    domain: { name: "api.example.com", zone: "example.com" },
    network: { ipv6: true },
    dualstack: true,
    ingressCidrs: ["0.0.0.0/0", "::/0"],
  },
].map((overrides) => ({ stack: "dev", overrides }));

const files = (folder: string) =>
  readdirSync(join(projectFolder, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(join(projectFolder, folder, file), "utf8"));

const actionsOf = (statements: readonly Statement[]) => statements.flatMap(({ Action }) => Action);
const named = (statements: readonly Statement[], action: string) => {
  const found = statements.filter(({ Action }) => Action.includes(action));
  assert.equal(found.length, 1, `${found.length} statements have ${action}`);
  return found[0];
};

describe("npm run permissions", function () {
  this.timeout(120_000);
  let needs: Needs;
  let permissions: Permissions;
  before(async () => {
    needs = await needsOf(projectCases().cases);
    permissions = permissionsFor(needs);
  });

  it("finds ci/permissions.json as the stack files need it (if this fails: npm run permissions -- --write)", () =>
    assert.deepEqual(JSON.parse(readFileSync(join(projectFolder, "ci/permissions.json"), "utf8")), permissions));

  it("covers dev and prod, each as declared and on both platforms, and leaves local out", () => {
    const names = projectCases().cases.map(({ stack, overrides }) => `${stack} ${overrides?.target ?? "as declared"}`);
    assert.deepEqual(names, ["dev as declared", "dev both", "prod as declared", "prod both"]);
    assert.ok(needs.types.includes("aws:ecs/service:Service") && needs.types.includes("aws:eks/cluster:Cluster"));
    assert.ok(needs.types.includes("aws:ec2/natGateway:NatGateway"), "a child of the VPC's component");
  });

  for (const [title, cases] of [
    ["the examples", examples.map(({ folder }) => ({ stack: "example", file: exampleStackFile(folder) }))],
    ["domain, sign-in, WAF, access logs, notifications, schedule, callers and IPv6", further],
  ] as const)
    it(`has actions for every resource type and function of ${title}`, async () => {
      const { deploy } = permissionsFor(await needsOf(cases));
      assert.ok(actionsOf(deploy).length > 150);
    });

  it("has an entry for every type that the components create, and none for one that nothing creates", () => {
    const source = files("components").join("\n");
    const created = [...source.matchAll(/new aws\.([a-z0-9]+)\.(\w+)\(/g)].map(([, module, name = ""]) => {
      return `aws:${module}/${name[0]?.toLowerCase()}${name.slice(1)}:${name}`;
    });
    assert.ok(created.length > 40);
    const missing = created.filter((type) => !(type in resourceActions));
    assert.deepEqual(missing, []);
  });

  it("has an entry for every function that the components call", () => {
    const source = files("components").join("\n");
    const called = [...source.matchAll(/aws\.(?:([a-z0-9]+)\.)?(get[A-Za-z]+?)(?:Output)?\(/g)].map(
      ([, module = "index", name]) => `aws:${module}/${name}:${name}`,
    );
    assert.ok(called.length > 20);
    assert.deepEqual(
      called.filter((token) => !(token in functionActions)),
      [],
    );
  });

  it("names every action in full", () => {
    for (const action of [...actionsOf(permissions.deploy), ...actionsOf(permissions.preview)])
      assert.match(action, /^[a-z0-9-]+:[A-Z][A-Za-z0-9]+$/);
  });

  it("lets previews read only, and no secret", async () => {
    const { preview } = permissionsFor(await needsOf(further));
    for (const action of actionsOf(preview)) assert.match(action, /:(BatchGet|Describe|Get|List|View)/);
    assert.deepEqual(
      actionsOf(preview).filter((action) => /GetSecretValue|GetParameter/.test(action)),
      [],
    );
  });

  it("lets a deployment read exactly the secrets that a preflight reads", async () => {
    const { deploy } = permissionsFor(await needsOf(further.slice(3, 4)));
    assert.deepEqual(named(deploy, "secretsmanager:GetSecretValue")?.Resource, [secret, `${secret}-??????`]);
    assert.equal(actionsOf(permissions.deploy).includes("secretsmanager:GetSecretValue"), false);
  });

  it("lets a deployment read the repositories of pinned images, of sidecars, too", async () => {
    const repository = (name: string) => arn(`ecr:us-east-1:123456789012:repository/${name}`);
    const pinned = (name: string) => `123456789012.dkr.ecr.us-east-1.amazonaws.com/${name}@sha256:${"a".repeat(64)}`;
    const sidecars = { collector: { image: pinned("collector"), cpu: 32, memory: 64 } };
    const { repositories } = await needsOf([{ stack: "dev", overrides: { image: pinned("server"), sidecars } }]);
    assert.deepEqual(repositories, [repository("collector"), repository("server")]);
  });

  it("names each stack before it evaluates it", async () => {
    const titles: string[] = [];
    await needsOf([{ stack: "dev" }, { stack: "dev", overrides: { target: "both" } }], (title) => titles.push(title));
    assert.deepEqual(titles, ["1/2 stack dev", "2/2 stack dev, target both"]);
  });

  it("confines roles and buckets to the prefix of the stacks, and other services to their regions", async () => {
    const { deploy } = permissionsFor(await needsOf(further));
    assert.deepEqual(named(deploy, "iam:CreateRole")?.Resource, [`arn:aws:iam::<account>:role/${needs.name}-*`]);
    assert.deepEqual(named(deploy, "s3:DeleteBucket")?.Resource, [`arn:aws:s3:::${needs.name}-*`]);
    const regions = { StringEquals: { "aws:RequestedRegion": ["eu-west-1", "us-east-1"] } };
    assert.deepEqual(named(deploy, "ec2:CreateVpc")?.Condition, regions);
    assert.equal(named(deploy, "route53:ChangeResourceRecordSets")?.Condition, undefined);
  });

  it("passes roles only to the services that the stacks' roles trust", () =>
    assert.deepEqual(named(permissions.deploy, "iam:PassRole")?.Condition, {
      StringEquals: {
        "iam:PassedToService": [
          "ec2.amazonaws.com",
          "ecs-tasks.amazonaws.com",
          "eks.amazonaws.com",
          "pods.eks.amazonaws.com",
        ],
      },
    }));

  it("attaches only the managed policies that the stacks attach", async () => {
    const policy = arn("iam::aws:policy/AmazonBedrockReadOnly");
    const { deploy } = permissionsFor(
      await needsOf([{ stack: "dev", overrides: { target: "ecs", permissions: [{ policy }] } }]),
    );
    assert.deepEqual(named(deploy, "iam:AttachRolePolicy")?.Condition, { ArnEquals: { "iam:PolicyARN": [policy] } });
  });

  it("creates roles only with the boundary once every stack has one, and never removes it", async () => {
    const bounded = { stack: "dev", overrides: { permissionsBoundary: boundary } };
    const all = permissionsFor(await needsOf([bounded]));
    const condition = { StringEquals: { "iam:PermissionsBoundary": [boundary] } };
    for (const action of ["iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"])
      assert.deepEqual(named(all.deploy, action)?.Condition, condition, action);
    assert.equal(actionsOf(all.deploy).includes("iam:DeleteRolePermissionsBoundary"), false);
    const some = permissionsFor(await needsOf([bounded, { stack: "prod" }]));
    assert.equal(named(some.deploy, "iam:CreateRole")?.Condition, undefined);
  });

  it("names a type that has no actions, and the folder to add them to", () =>
    assert.throws(
      () => permissionsFor({ ...needs, types: ["aws:made/up:Up"] }),
      /^Error: aws:made\/up:Up has no AWS actions: add them to tools\/permissions\/actions$/,
    ));

  it("finds the calls of the program's own code, which no plan has", () => {
    for (const action of ["ecs:ListServiceDeployments", "elasticloadbalancing:ModifyRule", "cloudwatch:GetMetricData"])
      assert.ok(sdkActions().includes(action), action);
    assert.ok(actionsOf(permissions.deploy).includes("elasticloadbalancing:ModifyRule"));
    assert.equal(actionsOf(permissions.preview).includes("elasticloadbalancing:ModifyRule"), false);
  });

  it("adds what Inspector checks when ECR reads its findings", () => {
    const needed = ["ecr:DescribeImageScanFindings", "inspector2:ListCoverage", "inspector2:ListFindings"];
    for (const action of needed) assert.ok(actionsOf(permissions.deploy).includes(action), action);
  });

  it("reads imports of values, but not of types", () => {
    const source = `import { UpdateServiceCommand, ECSClient } from "@aws-sdk/client-ecs";
      import type { StopTaskCommand } from "@aws-sdk/client-ecs";
      const { paginateDescribeRules } = await import("@aws-sdk/client-elastic-load-balancing-v2");`;
    assert.deepEqual(actionsIn(source), ["ecs:UpdateService", "elasticloadbalancing:DescribeRules"]);
    assert.throws(
      () => actionsIn('const { PutItemCommand } = await import("@aws-sdk/client-dynamodb");'),
      /client-dynamodb has no service of IAM/,
    );
  });
});
