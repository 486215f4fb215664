import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { needsOf } from "../../tools/permissions/needs";
import { type Permissions, permissionsFor } from "../../tools/permissions/statements";
import { succeeds } from "../engine/support/succeeds";
import { createZone } from "./support/account";
import { destroyed } from "./support/destroyed";
import { sendRequest } from "./support/endpoint";
import { describeOnEmulator } from "./support/suite";

const keys = {
  target: "both",
  domain: { name: "api.example.com", zone: "example.com" },
  waf: { mode: "block" },
  accessLogDays: 30,
  notifications: { emails: ["ann@example.com"] },
};

/** AWS answers the first to everybody. The provider tries the second only with aws:skipCredentialsValidation, which only the emulator needs. */
const free = ["sts:GetCallerIdentity", "iam:GetUser"];

/** Of every service, one that a first update must have called. */
const expected = [
  ...["acm:RequestCertificate", "application-autoscaling:RegisterScalableTarget", "cloudwatch:PutCompositeAlarm"],
  ...[
    "ec2:CreateVpc",
    "ecr:CreateRepository",
    "ecs:CreateService",
    "eks:CreateCluster",
    "elasticloadbalancing:CreateRule",
  ],
  ...[
    "iam:CreateRole",
    "kms:CreateKey",
    "logs:CreateLogGroup",
    "route53:ChangeResourceRecordSets",
    "s3:PutBucketPolicy",
  ],
  ...["sns:Subscribe", "wafv2:AssociateWebACL"],
];

describeOnEmulator(
  "The permissions of CI, on the emulator",
  (scene) => {
    let permissions: Permissions;
    const allowed = (role: keyof Permissions) => [...permissions[role].flatMap(({ Action }) => Action), ...free];
    const refused = (role: keyof Permissions, needed: readonly string[] = []) => {
      const calls = scene().aws.takeCalls();
      for (const action of needed) assert.ok(calls.includes(action), `${action} was not called`);
      assert.ok(calls.length > 5, `only ${calls.join()} were called`);
      return calls.filter((action) => !allowed(role).includes(action));
    };

    before(async () => {
      permissions = permissionsFor(await needsOf([{ stack: "dev", overrides: keys }]));
      await createZone(scene().aws, "example.com");
      await scene().createStack("dev", "dev", keys);
      scene().aws.takeCalls();
    });

    it("the preview role allows every call of a first preview", async () => {
      await scene().sandbox.must("preview", "--suppress-progress");
      assert.deepEqual(refused("preview"), []);
    });

    it("the deploy role allows every call of a first update with both platforms, a domain, WAF and access logs", async () => {
      // Without the watch, whose own calls are recorded as well.
      succeeds(await scene().sandbox.up());
      assert.deepEqual(refused("deploy", expected), []);
    });

    it("the preview role allows every call of a refresh and of a preview of a running stack", async () => {
      await scene().sandbox.must("refresh", "--preview-only");
      await scene().sandbox.must("preview", "--suppress-progress");
      assert.deepEqual(refused("preview"), []);
    });

    it("the deploy role allows every call of an update of a running stack", async () => {
      scene().sandbox.changeImage();
      scene().sandbox.configure("dev", { "inference:logRetentionDays": 14, "inference:weights": { ecs: 80, eks: 20 } });
      succeeds(await scene().sandbox.up());
      assert.deepEqual(refused("deploy"), []);
    });

    it("the deploy role allows every call of destroy", async () => {
      succeeds(await destroyed(scene(), "dev"));
      assert.deepEqual(refused("deploy"), []);
    });
  },
  { withKubernetes: true },
);

describeOnEmulator("The program in ci/, on the emulator", (scene) => {
  const iam = async (form: Record<string, string>) => {
    const body = new URLSearchParams({ Version: "2010-05-08", ...form }).toString();
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    return sendRequest(scene().aws, "iam", { headers, body });
  };
  const role = async (name: string) => {
    const xml = await iam({ Action: "GetRole", RoleName: name });
    const [, document = ""] = /<AssumeRolePolicyDocument>([^<]*)</.exec(xml) ?? [];
    const [, seconds = ""] = /<MaxSessionDuration>(\d+)</.exec(xml) ?? [];
    return { trust: decodeURIComponent(document), seconds: Number(seconds) };
  };
  const allowedTo = async (name: string) => {
    const attached = await iam({ Action: "ListAttachedRolePolicies", RoleName: name });
    const arns = [...attached.matchAll(/<PolicyArn>([^<]*)</g)].map(([, arn = ""]) => arn);
    const actions: string[] = [];
    for (const PolicyArn of arns) {
      const version = await iam({ Action: "GetPolicyVersion", PolicyArn, VersionId: "v1" });
      const [, document = ""] = /<Document>([^<]*)</.exec(version) ?? [];
      const { Statement } = JSON.parse(decodeURIComponent(document)) as { Statement: { Action: string[] }[] };
      actions.push(...Statement.flatMap(({ Action }) => Action));
    }
    return actions;
  };

  before(async () => {
    const { sandbox, aws } = scene();
    const config = { ...aws.configuration, "inference-ci:repository": "acme/shop" };
    writeFileSync(join(sandbox.project, "ci/Pulumi.ci.yaml"), stringify({ config }));
    await sandbox.must("stack", "init", "ci", "-C", "ci");
  });

  it("creates the provider, and two roles that GitHub's jobs may assume", async () => {
    succeeds(await scene().sandbox.up("-C", "ci"));
    const deploy = await role("ci-inference-deploy");
    assert.match(deploy.trust, /repo:acme\/shop:environment:dev","repo:acme\/shop:environment:prod"/);
    assert.match(deploy.trust, /oidc-provider\/token\.actions\.githubusercontent\.com"/);
    assert.equal(deploy.seconds, 7200);
    assert.match((await role("ci-inference-preview")).trust, /"repo:acme\/shop:pull_request"/);
    assert.ok((await allowedTo("ci-inference-deploy")).includes("ecs:CreateService"));
    const preview = await allowedTo("ci-inference-preview");
    assert.ok(preview.includes("ecs:DescribeServices"));
    assert.equal(preview.includes("ecs:CreateService"), false);
  });

  it("a second stack takes the provider that the account has", async () => {
    const { sandbox, aws } = scene();
    const oidcProviderArn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com";
    sandbox.edit("Pulumi.yaml", "name: inference", "name: other");
    const config = {
      ...aws.configuration,
      "inference-ci:repository": "acme/other",
      "inference-ci:oidcProviderArn": oidcProviderArn,
    };
    writeFileSync(join(sandbox.project, "ci/Pulumi.other.yaml"), stringify({ config }));
    await sandbox.must("stack", "init", "other", "-C", "ci");
    succeeds(await sandbox.up("-C", "ci", "--stack", "other"));
    assert.match((await role("ci-other-deploy")).trust, /repo:acme\/other:environment:prod/);
  });

  it("destroy removes roles, policies and provider", async () => {
    await scene().sandbox.must("destroy", "--yes", "-C", "ci", "--stack", "other");
    await scene().sandbox.must("destroy", "--yes", "-C", "ci", "--stack", "ci");
    assert.doesNotMatch(await iam({ Action: "ListRoles" }), /ci-inference/);
    assert.doesNotMatch(await iam({ Action: "ListOpenIDConnectProviders" }), /githubusercontent/);
  });
});
