import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { policyDocuments } from "../../../ci/policies";
import { rootName } from "../../../components/core/short-name";
import { type Cloud, evaluate } from "../../../tools/offline";
import { accountId, offlineCloud } from "../../../tools/offline/cloud";
import { projectFolder, readProject } from "../../../tools/stack/file";
import { PlanUnderTest } from "../support/plan-under-test";

const role = "aws:iam/role:Role";
/** A fork has another name: npm run adopt. */
const prefix = rootName(readProject().name);
const deployRole = `ci-${prefix}-deploy`;
const previewRole = `ci-${prefix}-preview`;
const provider = "aws:iam/openIdConnectProvider:OpenIdConnectProvider";
const offline = offlineCloud("us-east-1");
const cloud: Cloud = {
  create(args) {
    const arn = (resource: string) => ({ arn: `arn:aws:iam::${accountId}:${resource}`, name: args.inputs.name });
    const own: Record<string, object> = {
      [provider]: arn("oidc-provider/token.actions.githubusercontent.com"),
      "aws:iam/policy:Policy": arn(`policy/${args.name}`),
      [role]: arn(`role/${args.name}`),
    };
    const state = own[args.type];
    return state ? { id: `${args.name}-id`, state: { ...args.inputs, ...state } } : offline.create(args);
  },
  call: offline.call,
};

function program(): unknown {
  const file = join(projectFolder, "ci/index.ts");
  delete require.cache[file];
  return require(file);
}

async function declared(keys: Record<string, unknown> = {}): Promise<PlanUnderTest> {
  const all = Object.entries({ repository: "acme/shop", ...keys });
  const config = Object.fromEntries(
    all.map(([key, value]) => [`inference-ci:${key}`, typeof value === "string" ? value : JSON.stringify(value)]),
  );
  return new PlanUnderTest(await evaluate(program, { project: "inference-ci", stack: "ci", config, cloud }));
}

interface Document {
  readonly Statement: readonly {
    readonly Sid?: string;
    readonly Action: readonly string[];
    readonly Resource: readonly string[];
    readonly Condition: { readonly StringEquals: Readonly<Record<string, unknown>> };
  }[];
}
const trust = (plan: PlanUnderTest, name: string) =>
  (JSON.parse(String(plan.one(role, name).inputs.assumeRolePolicy)) as Document).Statement[0]?.Condition.StringEquals;
const documents = (plan: PlanUnderTest, name: string) =>
  plan.all("aws:iam/policy:Policy").filter((policy) => policy.name.startsWith(`${name}-`));
const statements = (plan: PlanUnderTest, name: string) =>
  documents(plan, name).flatMap(({ inputs }) => (JSON.parse(String(inputs.policy)) as Document).Statement);

describe("ci/", () => {
  let plan: PlanUnderTest;
  before(async () => {
    plan = await declared();
  });

  it("lets only jobs of the environments deploy, and only jobs of pull requests preview", () => {
    const aud = { "token.actions.githubusercontent.com:aud": "sts.amazonaws.com" };
    const sub = (...subjects: string[]) => ({ ...aud, "token.actions.githubusercontent.com:sub": subjects });
    assert.deepEqual(trust(plan, deployRole), sub("repo:acme/shop:environment:dev", "repo:acme/shop:environment:prod"));
    assert.deepEqual(trust(plan, previewRole), sub("repo:acme/shop:pull_request"));
  });

  it("creates the provider of GitHub, or takes the one that the account has", async () => {
    assert.deepEqual(plan.one(provider).inputs.clientIdLists, ["sts.amazonaws.com"]);
    const arn = `arn:aws:iam::${accountId}:oidc-provider/token.actions.githubusercontent.com`;
    const existing = await declared({ oidcProviderArn: arn });
    assert.deepEqual(existing.all(provider), []);
    assert.match(String(existing.one(role, deployRole).inputs.assumeRolePolicy), new RegExp(arn));
  });

  it("grants what ci/permissions.json has, in documents that IAM accepts", () => {
    const file = JSON.parse(readFileSync(join(projectFolder, "ci/permissions.json"), "utf8"));
    for (const [name, key] of [
      [deployRole, "deploy"],
      [previewRole, "preview"],
    ] as const) {
      const own = JSON.parse(JSON.stringify(file[key]).replaceAll("<account>", accountId));
      assert.deepEqual(statements(plan, name), own);
      for (const { inputs } of documents(plan, name)) assert.ok(String(inputs.policy).length <= 6144);
      assert.equal(
        plan.all("aws:iam/rolePolicyAttachment:RolePolicyAttachment").filter((one) => one.name.startsWith(name)).length,
        documents(plan, name).length,
      );
    }
    assert.ok(documents(plan, deployRole).length <= 10, "IAM attaches 10 managed policies to a role");
  });

  it("lets the deploy role change no role of CI", () => {
    for (const { Action, Resource } of statements(plan, deployRole))
      if (Action.some((action) => /^iam:(?!CreateServiceLinkedRole)/.test(action)))
        for (const resource of Resource) assert.match(resource, new RegExp(`:role/${prefix}-\\*$|:policy/`));
  });

  it("limits the sessions, and sets the boundary of its own roles", async () => {
    const permissionsBoundary = `arn:aws:iam::${accountId}:policy/boundary`;
    const bounded = await declared({ permissionsBoundary, deploySeconds: 3600 });
    assert.equal(plan.one(role, deployRole).inputs.maxSessionDuration, 7200);
    assert.equal(plan.one(role, previewRole).inputs.maxSessionDuration, 3600);
    assert.equal(bounded.one(role, deployRole).inputs.maxSessionDuration, 3600);
    for (const { inputs } of bounded.all(role)) assert.equal(inputs.permissionsBoundary, permissionsBoundary);
  });

  it("lets previews read the state, and deployments write it", async () => {
    const stateKeyArn = `arn:aws:kms:us-east-1:${accountId}:key/1234`;
    const own = await declared({ stateBucket: "acme-state", stateKeyArn });
    const actions = (name: string, resource: string) =>
      statements(own, name)
        .filter(({ Resource }) => Resource.includes(resource))
        .flatMap(({ Action }) => Action);
    assert.deepEqual(actions(previewRole, "arn:aws:s3:::acme-state/*"), ["s3:GetObject"]);
    assert.ok(actions(deployRole, "arn:aws:s3:::acme-state/*").includes("s3:PutObject"));
    assert.deepEqual(actions(previewRole, stateKeyArn), ["kms:Decrypt"]);
    assert.ok(actions(deployRole, stateKeyArn).includes("kms:Encrypt"));
  });

  it("reports all wrong keys at once", () =>
    assert.rejects(
      declared({
        repository: "shop",
        environments: [],
        deploySeconds: 60,
        oidcProviderArn: "github",
        stateBucket: "S",
      }),
      (error: Error) => {
        assert.match(error.message, /^Configuration of stack ci: 5 problems/);
        assert.match(
          error.message,
          /repository is "shop"; expected owner\/name: pulumi -C ci config set repository owner\/name/,
        );
        return true;
      },
    ));

  it("starts a further document when a statement does not fit", () => {
    const statement = (count: number) => ({
      Effect: "Allow" as const,
      Action: Array.from({ length: count }, (_, index) => `ec2:DescribeSomething${index}`),
      Resource: ["arn:aws:ec2:us-east-1:<account>:vpc/*"],
    });
    const made = policyDocuments([statement(150), statement(150), statement(10)], accountId);
    assert.deepEqual(
      made.map((text) => (JSON.parse(text) as Document).Statement.length),
      [1, 2],
    );
    assert.match(made.join(), new RegExp(`us-east-1:${accountId}:vpc`));
    assert.doesNotMatch(made.join(), /<account>/);
  });
});
