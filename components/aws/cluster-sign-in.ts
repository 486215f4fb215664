import type { Problem } from "../core/problems";
import type { AwsConnection } from "./connection";

interface Exec {
  readonly args: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null;
}

interface Kubeconfig {
  readonly users: readonly { readonly user: { readonly exec: Exec } }[];
}

/** Role settings for which `aws eks get-token` has no option. */
export function signInProblems({ assumeRoles }: AwsConnection): Problem[] {
  const [role, ...others] = assumeRoles;
  if (role === undefined || (others.length === 0 && role.externalId === undefined)) return [];
  const expected =
    "one role without externalId, because `aws eks get-token` takes no more; for several, a profile that assumes them (aws:profile)";
  return [{ key: "aws:assumeRoles", value: assumeRoles.map(({ roleArn }) => roleArn), expected }];
}

/**
 * A cluster's kubeconfig gets its token from `aws eks get-token`, with the credentials of the shell. Only the creator of the cluster has
 * access, and that is the identity of the stack's `aws:` keys. So the program's own kubeconfig passes them to the command.
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
        // Set even when empty: a session token of the shell belongs to other keys.
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
