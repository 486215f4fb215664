import type { AwsConnection } from "../aws-connection";
import { refusal } from "../problems";

interface Exec {
  readonly args: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null;
}

interface Kubeconfig {
  readonly users: readonly { readonly user: { readonly exec: Exec } }[];
}

/**
 * A cluster's kubeconfig asks `aws` for a token as whoever is signed in where it is used. The cluster lets in who made it: the one that
 * the stack's own `aws:` keys name, so for the program's own use they go with it.
 */
export function signInAs({ profile, keys, assumeRole }: AwsConnection): (kubeconfig: string) => string {
  if (assumeRole?.externalId !== undefined) {
    const expected =
      "a role without externalId, which `aws eks get-token` cannot pass on; name a profile that has both";
    throw refusal("How Pulumi signs in to the cluster", [{ key: "aws:assumeRoles", value: assumeRole, expected }]);
  }
  const options = [
    ...(profile && !keys ? ["--profile", profile] : []),
    ...(assumeRole ? ["--role-arn", assumeRole.roleArn] : []),
  ];
  const env = keys
    ? [
        { name: "AWS_ACCESS_KEY_ID", value: keys.accessKeyId },
        { name: "AWS_SECRET_ACCESS_KEY", value: keys.secretAccessKey },
        // Nothing as well: one that comes from elsewhere belongs to other keys.
        { name: "AWS_SESSION_TOKEN", value: keys.sessionToken ?? "" },
      ]
    : [];
  const signedIn = (exec: Exec) => ({
    ...exec,
    args: [...exec.args, ...options],
    env: [...(exec.env ?? []), ...env],
  });
  return (kubeconfig) => {
    const { users, ...others } = JSON.parse(kubeconfig) as Kubeconfig;
    const own = users.map(({ user, ...entry }) => ({ ...entry, user: { ...user, exec: signedIn(user.exec) } }));
    return JSON.stringify({ ...others, users: own });
  };
}
