import assert from "node:assert/strict";
import { signInAs } from "../../../components/eks-service/sign-in";

const args = ["--region", "eu-west-1", "eks", "get-token", "--cluster-name", "inference-dev", "--output", "json"];
const env = [{ name: "KUBERNETES_EXEC_INFO", value: "{}" }];
const kubeconfig = {
  apiVersion: "v1",
  kind: "Config",
  clusters: [{ name: "kubernetes", cluster: { server: "https://cluster" } }],
  users: [{ name: "aws", user: { exec: { command: "aws", args, env } } }],
};

/** How the token is asked for. */
function exec(connection: Parameters<typeof signInAs>[0], given: object = kubeconfig) {
  const { users, ...others } = JSON.parse(signInAs(connection)(JSON.stringify(given)));
  assert.deepEqual({ ...others, users: kubeconfig.users }, kubeconfig, "nothing else changes");
  const [{ name, user }] = users;
  assert.deepEqual([users.length, name, user.exec.command], [1, "aws", "aws"]);
  return user.exec;
}

const keys = { accessKeyId: "AKIA", secretAccessKey: "secret" };
const roleArn = "arn:aws:iam::123456789012:role/deployer";

describe("Signing in to a cluster of ours", () => {
  it("is left to whoever is signed in when the stack names nobody", () =>
    assert.deepEqual(exec({ endpoints: {} }), { command: "aws", args, env }));

  it("is done with the stack's profile", () =>
    assert.deepEqual(exec({ profile: "team", endpoints: {} }).args, [...args, "--profile", "team"]));

  it("is done with the role that the stack assumes", () =>
    assert.deepEqual(exec({ assumeRole: { roleArn }, endpoints: {} }).args, [...args, "--role-arn", roleArn]));

  it("is done with the stack's keys, which go before its profile, and with no token of others", () => {
    const signing = exec({ keys, profile: "team", endpoints: {} });
    assert.deepEqual(signing.args, args);
    assert.deepEqual(signing.env, [
      ...env,
      { name: "AWS_ACCESS_KEY_ID", value: "AKIA" },
      { name: "AWS_SECRET_ACCESS_KEY", value: "secret" },
      { name: "AWS_SESSION_TOKEN", value: "" },
    ]);
  });

  it("is done with keys for a while too", () => {
    const bare = { ...kubeconfig, users: [{ name: "aws", user: { exec: { command: "aws", args, env: null } } }] };
    const signing = exec({ keys: { ...keys, sessionToken: "token" }, endpoints: {} }, bare);
    assert.deepEqual(signing.env.at(-1), { name: "AWS_SESSION_TOKEN", value: "token" });
  });

  it("is refused before there is a cluster for a role that asks for an external id: the AWS CLI has no option for it", () =>
    assert.throws(
      () => signInAs({ assumeRole: { roleArn, externalId: "x" }, endpoints: {} }),
      /aws:assumeRoles is .*; expected a role without externalId/,
    ));
});
