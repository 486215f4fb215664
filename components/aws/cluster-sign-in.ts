import type { Problem } from "../core/problems";
import type { AwsConnection } from "./connection";

interface Exec {
  readonly args: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null;
}

interface Kubeconfig {
  readonly users: readonly { readonly user: { readonly exec: Exec } }[];
}

/** What `aws eks get-token` has no option for. */
export function signInProblems({ assumeRoles }: AwsConnection): Problem[] {
  const [role, ...others] = assumeRoles;
  if (role === undefined || (others.length === 0 && role.externalId === undefined)) return [];
  const expected =
    "one role without externalId, for the AWS CLI to sign in to the cluster with; or a profile that has all of it";
  return [{ key: "aws:assumeRoles", value: assumeRoles.map(({ roleArn }) => roleArn), expected }];
}

/**
 * A cluster's kubeconfig asks `aws` for a token as whoever is signed in where it is used. The cluster lets in who made it: the one that
 * the stack's own `aws:` keys name, so for the program's own use they go with it.
 */
export function signedInAs({ profile, keys, assumeRoles }: AwsConnection, kubeconfig: string): string {
  const options = [
    ...(profile && !keys ? ["--profile", profile] : []),
    ...assumeRoles.flatMap(({ roleArn }) => ["--role-arn", roleArn]),
  ];
  const env = keys
    ? [
        { name: "AWS_ACCESS_KEY_ID", value: keys.accessKeyId },
        { name: "AWS_SECRET_ACCESS_KEY", value: keys.secretAccessKey },
        // Nothing as well: one that comes from elsewhere belongs to other keys.
        { name: "AWS_SESSION_TOKEN", value: keys.sessionToken ?? "" },
      ]
    : [];
  const signedIn = ({ args, env: given, ...exec }: Exec) => ({
    ...exec,
    args: [...args, ...options],
    env: [...(given ?? []), ...env],
  });
  const { users, ...others } = JSON.parse(kubeconfig) as Kubeconfig;
  const own = users.map(({ user, ...entry }) => ({ ...entry, user: { ...user, exec: signedIn(user.exec) } }));
  return JSON.stringify({ ...others, users: own });
}
