import assert from "node:assert/strict";
import { signedInAs, signInProblems } from "../../../../components/aws/cluster-sign-in";
import type { AwsConnection } from "../../../../components/aws/connection";

const args = ["--region", "eu-west-1", "eks", "get-token", "--cluster-name", "inference-dev", "--output", "json"];
const env = [{ name: "KUBERNETES_EXEC_INFO", value: "{}" }];
const kubeconfig = {
  apiVersion: "v1",
  kind: "Config",
  clusters: [{ name: "kubernetes", cluster: { server: "https://cluster" } }],
  users: [{ name: "aws", user: { exec: { command: "aws", args, env } } }],
};

const as = (own: Partial<AwsConnection> = {}): AwsConnection => ({ assumeRoles: [], endpoints: {}, ...own });

/** How the token is asked for. */
function exec(own: Partial<AwsConnection>, given: object = kubeconfig) {
  const { users, ...others } = JSON.parse(signedInAs(as(own), JSON.stringify(given)));
  assert.deepEqual({ ...others, users: kubeconfig.users }, kubeconfig, "nothing else changes");
  const [{ name, user }] = users;
  assert.deepEqual([users.length, name, user.exec.command], [1, "aws", "aws"]);
  return user.exec;
}

const keys = { accessKeyId: "AKIA", secretAccessKey: "secret" };
const roleArn = "arn:aws:iam::123456789012:role/deployer";

describe("Sign-in to a new EKS cluster", () => {
  it("uses the shell's credentials when the stack sets none", () =>
    assert.deepEqual(exec({}), { command: "aws", args, env }));

  it("uses the stack's profile", () =>
    assert.deepEqual(exec({ profile: "team" }).args, [...args, "--profile", "team"]));

  it("uses the role that the stack assumes", () =>
    assert.deepEqual(exec({ assumeRoles: [{ roleArn }] }).args, [...args, "--role-arn", roleArn]));

  it("uses the stack's keys before its profile, and no session token of the shell", () => {
    const signing = exec({ keys, profile: "team" });
    assert.deepEqual(signing.args, args);
    assert.deepEqual(signing.env, [
      ...env,
      { name: "AWS_ACCESS_KEY_ID", value: "AKIA" },
      { name: "AWS_SECRET_ACCESS_KEY", value: "secret" },
      { name: "AWS_SESSION_TOKEN", value: "" },
    ]);
  });

  it("uses temporary keys with their session token", () => {
    const bare = { ...kubeconfig, users: [{ name: "aws", user: { exec: { command: "aws", args, env: null } } }] };
    const signing = exec({ keys: { ...keys, sessionToken: "token" } }, bare);
    assert.deepEqual(signing.env.at(-1), { name: "AWS_SESSION_TOKEN", value: "token" });
  });

  it("is refused for settings without an AWS CLI option, and does not print the external ID", () => {
    const refused = (...assumeRoles: AwsConnection["assumeRoles"]) => signInProblems(as({ assumeRoles }));
    for (const roles of [[{ roleArn, externalId: "between us" }], [{ roleArn }, { roleArn }]]) {
      const [problem, ...others] = refused(...roles);
      assert.deepEqual([problem?.key, problem?.value], ["aws:assumeRoles", roles.map(() => roleArn)]);
      assert.deepEqual(others, []);
    }
    assert.deepEqual([refused(), refused({ roleArn })], [[], []]);
  });
});
